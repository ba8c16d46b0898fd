/**
 * Internet date-times (RFC 3339 5.6), the DateTime of CPIM (RFC 3862 4.4) and the datetime of IMDN (RFC 5438 7.2).
 * Pure functions of their argument: the time itself comes from the Clock.
 */

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d{2}):?(\d{2}))?$/;

/**
 * Milliseconds since the Unix epoch, or undefined when `text` is no date-time. Any zone offset, with or without a
 * fraction; a missing zone is read as UTC (hazard R47 in docs/rcs-signalling.md); a leap second counts as the second
 * after it.
 */
export function parseDateTime(text: string): number | undefined {
  const m = text.length <= 40 ? DATE_TIME.exec(text.trim()) : null;
  if (m === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 23 ||
    minute > 59 ||
    second > 60
  ) {
    return undefined;
  }
  const milliseconds = Math.floor(Number(`0.${m[7] ?? '0'}`) * 1000);
  const offsetMinutes = m[9] === undefined ? 0 : Number(m[10]) * 60 + Number(m[11]);
  const sign = m[9] === '-' ? -1 : 1;
  const days = daysFromEpoch(year, month, day);
  return (
    (days * 86400 + hour * 3600 + minute * 60 + second) * 1000 + milliseconds - sign * offsetMinutes * 60_000
  );
}

/**
 * `2025-05-04T10:00:00.000Z` for milliseconds since the Unix epoch. Throws RangeError outside the years 0000 to 9999.
 */
export function formatDateTime(epochMs: number): string {
  const { year, month, day, hour, minute, second, millisecond } = calendarOf(epochMs);
  if (!(year >= 0 && year <= 9999)) {
    throw new RangeError(`a date-time needs a year from 0000 to 9999, got ${epochMs} ms since the epoch`);
  }
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(millisecond, 3)}Z`;
}

export interface Calendar {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** UTC calendar fields (proleptic Gregorian) of milliseconds since the Unix epoch. */
export function calendarOf(epochMs: number): Calendar {
  const ms = Math.floor(epochMs);
  const days = Math.floor(ms / 86_400_000);
  const rest = ms - days * 86_400_000;
  // Days counted from 0000-03-01, so that the leap day ends a year; 146097 days are 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1000) % 60,
    millisecond: rest % 1000,
  };
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar. */
export function daysFromEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  );
}

function daysIn(year: number, month: number): number {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
