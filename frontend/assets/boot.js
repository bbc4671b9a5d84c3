// Runs before the first paint, so that neither theme nor language nor the skeleton flashes. Everything else is in WASM.
// It reads only what the person chose on this device; the same keys are written by frontend/src/browser/prefs.rs.
(() => {
  const root = document.documentElement;
  let kept = {};
  try { kept = localStorage; } catch { /* storage may be forbidden: then the system decides */ }
  const theme = kept["teahouse.theme"];
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const first = (navigator.languages || []).find((l) => /^(zh|en)\b/i.test(l)) || "en";
  root.lang = (kept["teahouse.lang"] || first).toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  // A door, or a room? Who has been in a place on this device gets the room's skeleton with the place's name.
  const place = kept["teahouse.place"];
  root.dataset.wait = place && /^\/($|rooms\/)/.test(location.pathname) ? "room" : "door";
  if (place) root.style.setProperty("--place", JSON.stringify(place));
})();
