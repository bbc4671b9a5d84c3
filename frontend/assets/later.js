// The parts of the program that are not in the first download: fetched and joined to it when the program asks.
//
// wasm_split_helpers calls what is exported here with a function of the program's table and what it wants back: the
// function hears whether the part has come. `cargo xtask bundle` knows the parts and adds, at the end,
// `export const __wasm_split_load_later = part(["/chunk-….wasm", "/later-….wasm", "/later-….css"]);`
// and so on for `room` and `doors` (frontend/src/later.rs), of which a page needs one at once.
let begun;
const exports = new Promise((resolve) => { begun = resolve; });

/** The program runs; these are its exports, which the parts import. */
export const begin = (wasm) => begun(wasm);

/** The files that have come, or are under way. */
const files = new Map();

function bring(file) {
  let coming = files.get(file);
  if (!coming) {
    coming = file.endsWith(".css") ? style(file) : code(file);
    files.set(file, coming);
    // What did not come is fetched anew when it is asked for again.
    coming.catch(() => files.delete(file));
  }
  return coming;
}

async function code(file) {
  const answer = await fetch(file);
  if (!answer.ok) {
    // Names hold the hash of the content: a file that is gone belongs to an older version (frontend/src/later.rs).
    if (answer.status === 404) document.documentElement.dataset.outdated = "";
    throw new Error(`${file}: ${answer.status}`);
  }
  // Compiled while it arrives, also if the program itself is not there yet.
  const compiled = await WebAssembly.compileStreaming(answer);
  return WebAssembly.instantiate(compiled, { __wasm_split: await exports });
}

function style(file) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = file;
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      reject(new Error(file));
    };
    document.head.append(link);
  });
}

const part = (all) => {
  const load = async (heard, what) => {
    let has = true;
    try {
      await Promise.all(all.map(bring));
    } catch (cause) {
      console.warn("not loaded:", cause);
      has = false;
    }
    (await exports).__indirect_function_table.get(heard)(what, has);
  };
  /** Begins to fetch it, for a program that will ask. */
  load.ahead = () => all.forEach(bring);
  return load;
};
