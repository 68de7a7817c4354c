/** What this browser is called in the list of keys: "Chrome on Linux". */
export function deviceName(agent = navigator.userAgent): string {
  const name = /Firefox\//.test(agent) ? 'Firefox' : /Edg\//.test(agent) ? 'Edge' : 'Chrome';
  const system = /Windows/.test(agent)
    ? 'Windows'
    : /Mac OS/.test(agent)
      ? 'macOS'
      : /CrOS/.test(agent)
        ? 'ChromeOS'
        : 'Linux';
  return `${name} on ${system}`;
}
