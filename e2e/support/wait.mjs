// Waiting for something to become true, with a deadline. There are no fixed sleeps in the tests.

/** How long anything may take before a test gives up on it, in milliseconds: generous, because CI machines are slow. */
export const DEADLINE_MS = 15_000;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Calls `check` until it returns something truthy, and returns that. What it throws counts as "not yet".
 *
 * @template T
 * @param {string} what said when the deadline passes: "the message is in Ben's room"
 * @param {() => T | Promise<T>} check
 * @param {{ deadlineMs?: number, everyMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function eventually(what, check, { deadlineMs = DEADLINE_MS, everyMs = 20 } = {}) {
  const until = performance.now() + deadlineMs;
  let last;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      throw new Error(`not within ${Math.round(deadlineMs)} ms: ${what}`, { cause: last });
    }
    await pause(everyMs);
  }
}

/**
 * The promise's value, or an error that says what was waited for.
 *
 * @template T
 * @param {string} what
 * @param {Promise<T>} promise
 * @param {number} [deadlineMs]
 * @returns {Promise<T>}
 */
export async function within(what, promise, deadlineMs = DEADLINE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${Math.round(deadlineMs)} ms: ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
