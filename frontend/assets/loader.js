// What starts the client in a bundle (`trunk serve` has its own in Trunk.toml). `data-boot` tells the page that it waits in
// vain: the browser is too old for what it is given, or a file did not arrive.
try {
  const { default: start } = await import("./client.js");
  await start("/frontend.wasm");
} catch (cause) {
  document.documentElement.dataset.boot = "failed";
  throw cause;
}
