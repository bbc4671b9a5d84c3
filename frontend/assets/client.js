// The program: what wasm-bindgen made, and the parts that come later. Called by frontend/assets/loader.js.
import init from "./frontend.js";
import { begin, __wasm_split_load_doors as doors, __wasm_split_load_room as room } from "./later.js";

/** Runs the program; rejects when it cannot be fetched or does not run here. */
export default async (wasm) => {
  // Which of the two the page will need, boot.js has guessed from its address. If it was wrong, the program asks.
  (document.documentElement.dataset.wait === "room" ? room : doors).ahead();
  begin(await init({ module_or_path: wasm }));
};
