// The program: what wasm-bindgen made, and the parts that come later. Called by frontend/assets/loader.js.
import init from "./frontend.js";
import { begin } from "./later.js";

/** Runs the program; rejects when it cannot be fetched or does not run here. */
export default async (wasm) => begin(await init({ module_or_path: wasm }));
