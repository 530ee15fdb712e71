/** Numbers and times for people. */

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DAY_AND_CLOCK = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
});

/** A time of the API, or seconds since 1970: the clock's time if it is of today. */
export function timeOf(at: string | number, now = new Date()): string {
  const date = dateOf(at);
  const isToday = date.toDateString() === now.toDateString();
  return (isToday ? CLOCK : DAY_AND_CLOCK).format(date);
}

/** The whole time, for a title. */
export function wholeTimeOf(at: string | number): string {
  return dateOf(at).toISOString();
}

/** Bytes with a unit of a thousand. */
export function bytesOf(size: number): string {
  if (size < 1000) {
    return `${size} bytes`;
  }
  const units = ["kB", "MB", "GB"];
  let value = size / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** A name of the API in words: `awaiting_upload` becomes `awaiting upload`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

function dateOf(at: string | number): Date {
  return new Date(typeof at === "number" ? at * 1000 : at);
}
