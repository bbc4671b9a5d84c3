// A certificate for `localhost` that signs itself, made for one test.

import { join } from "node:path";

import { run } from "./program.mjs";

/** Quick to make, and taken by every client. */
const KIND = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/** What is in it. */
const CONTENT = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];

/**
 * Makes a certificate and its key in `directory`.
 *
 * @param {string} directory
 * @returns {Promise<{ cert: string, key: string }>} the paths of both, PEM
 */
export async function certificate(directory) {
  const paths = { cert: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  const files = ["-keyout", paths.key, "-out", paths.cert];
  const { code, stderr } = await run("openssl", ["req", "-x509", "-nodes", ...KIND, ...CONTENT, ...files]);
  if (code !== 0) throw new Error(`openssl made no certificate:\n${stderr}`);
  return paths;
}
