// The client's own sentences, for journeys that are made in more than one language.

import { readFileSync } from "node:fs";

function table(language) {
  const source = readFileSync(new URL(`../../frontend/src/i18n/${language}.rs`, import.meta.url), "utf8");
  const words = Object.fromEntries([...source.matchAll(/^ {4}(\w+): ("(?:[^"\\]|\\.)*"),$/gm)].map(([, key, text]) => [key, JSON.parse(text)]));
  return (key, holes = {}) => {
    if (words[key] === undefined) throw new Error(`no sentence ${key} in ${language}.rs`);
    return words[key].replace(/\{(\w+)\}/g, (_, hole) => holes[hole] ?? `{${hole}}`);
  };
}

/** By the tag that a browser asks for: `WORDS.en("comp_send")`, `WORDS.zh("comp_label", { room: "# general" })`. */
export const WORDS = { en: table("en"), zh: table("zh") };

/** The languages, and the tag with which a browser asks for each. */
export const LANGUAGES = { en: "en", zh: "zh-CN" };
