/** CPU seconds of this process since `before`, a reading of `process.cpuUsage()`. */
export function cpuSeconds(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The most memory this process has ever held, in MiB. */
export function peakMiB() {
  return process.resourceUsage().maxRSS / 1024;
}

/** The memory this process holds now, in MiB. */
export function currentMiB() {
  return process.memoryUsage.rss() / 2 ** 20;
}

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
