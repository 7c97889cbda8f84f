// The names of days and of times of day. The Gregorian calendar is the same every 400 years (146,097 days).

const DAYS_TO_ERA = 719_468
const ERA_DAYS = 146_097

const padded = (value: number, length: number) => String(value).padStart(length, '0')

/** YYYY-MM-DD of so many days after 1970-01-01. The year is taken to start with March, so that leap days end it. */
export function dayText(daysSince1970: number): string {
  const days = daysSince1970 + DAYS_TO_ERA
  const era = Math.floor(days / ERA_DAYS)
  const dayOfEra = days - era * ERA_DAYS
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / (ERA_DAYS - 1))
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`
}

/** HH:MM:SS of a day of UTC, of whole seconds since any midnight. */
export function clockText(seconds: number): string {
  const second = ((seconds % 86_400) + 86_400) % 86_400
  const parts = [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60]
  return parts.map((part) => padded(part, 2)).join(':')
}
