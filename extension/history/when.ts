/** When something was, as briefly as is still plain. Pure. */

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known;
}

/** "14:32" today, "21 Nov, 14:32" this year, "21 Nov 2025" before; where the reader is. */
export function whenText(at: number, now: number, language: string): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) {
    return format(language, 'time', { timeStyle: 'short' }).format(at);
  }
  return then.getFullYear() === today.getFullYear()
    ? format(language, 'day', { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(
        at,
      )
    : format(language, 'year', { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** All of it, for a tooltip. */
export function wholeWhenText(at: number, language: string): string {
  return format(language, 'whole', { dateStyle: 'full', timeStyle: 'medium' }).format(at);
}
