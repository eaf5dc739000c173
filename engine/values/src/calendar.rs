//! How do days, ticks and the parts of a date relate? The proleptic Gregorian calendar from 0001-01-01
//! to 9999-12-31, in days and ticks of 100 ns.

/// Ticks of a second.
pub(crate) const SECOND: i64 = 10_000_000;
/// Ticks of a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Ticks of an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Ticks of a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// Days from 0001-01-01 to 1900-01-01, where datetime begins to count.
pub(crate) const DAYS_TO_1900: i32 = 693_595;
/// The first day of datetime, 1753-01-01, counted from 1900.
pub(crate) const DATETIME_FIRST: i32 = -53_690;
/// 9999-12-31 counted from 0001-01-01.
pub(crate) const LAST_DAY: i32 = 3_652_058;
/// The last tick of datetime2.
pub(crate) const LAST_TICK: i64 = (LAST_DAY as i64 + 1) * DAY - 1;
/// The last day of smalldatetime, 2079-06-06, counted from 1900.
pub(crate) const SMALL_LAST: i32 = 65_535;
/// Three-hundredths of a second in a day.
pub(crate) const DATETIME_TICKS: u32 = 300 * 86_400;

/// Three-letter names are the first three letters.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Sunday.
pub(crate) const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// A date and a time of day, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub(crate) year: i32,
    /// From 1.
    pub(crate) month: u32,
    /// From 1.
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Ticks of 100 ns below the second.
    pub(crate) fraction: u32,
}

/// Days since 0001-01-01 of a valid date.
pub(crate) fn days_from_date(year: i32, month: u32, day: u32) -> Option<i32> {
    let valid = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    if !valid {
        return None;
    }
    // Years are counted from March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = ((153 * month_from_march + 2) / 5 + day - 1) as i32;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    // 0001-01-01 is day 306 of the era that begins on 0000-03-01.
    Some(era * 146_097 + day_of_era - 306)
}

/// Year, month, day of a day number.
pub(crate) fn date_from_days(days: i32) -> (i32, u32, u32) {
    let days = days + 306;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i32::from(month <= 2);
    (year, month as u32, day)
}

pub(crate) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// 0 is Sunday. 0001-01-01 was a Monday.
pub(crate) fn weekday(days: i32) -> u32 {
    (days + 1).rem_euclid(7) as u32
}

/// From 1.
pub(crate) fn day_of_year(days: i32) -> u32 {
    let (year, _, _) = date_from_days(days);
    let first = days_from_date(year, 1, 1).expect("the first of January exists");
    (days - first) as u32 + 1
}

impl Parts {
    /// Of datetime2 ticks.
    pub(crate) fn of_ticks(ticks: i64) -> Self {
        let (year, month, day) = date_from_days(ticks.div_euclid(DAY) as i32);
        Self {
            year,
            month,
            day,
            ..Self::of_time(ticks.rem_euclid(DAY))
        }
    }

    /// Of ticks since midnight; the date is 1900-01-01, as when a time becomes a datetime.
    pub(crate) fn of_time(ticks: i64) -> Self {
        Self {
            year: 1900,
            month: 1,
            day: 1,
            hour: (ticks / HOUR) as u32,
            minute: (ticks % HOUR / MINUTE) as u32,
            second: (ticks % MINUTE / SECOND) as u32,
            fraction: (ticks % SECOND) as u32,
        }
    }
}

/// datetime → ticks. A three-hundredth is 33,333.3 ticks, rounded.
pub(crate) fn ticks_of_datetime(days: i32, ticks: u32) -> i64 {
    i64::from(days + DAYS_TO_1900) * DAY + (i64::from(ticks) * 100_000 + 1) / 3
}

/// ticks → datetime, rounded to three-hundredths. Not checked for range.
pub(crate) fn datetime_of_ticks(ticks: i64) -> (i32, u32) {
    let days = ticks.div_euclid(DAY) as i32 - DAYS_TO_1900;
    let rounded = ((ticks.rem_euclid(DAY) * 3 + 50_000) / 100_000) as u32;
    if rounded >= DATETIME_TICKS {
        (days + 1, rounded - DATETIME_TICKS)
    } else {
        (days, rounded)
    }
}

/// Ticks rounded half up to a scale of 0 to 7.
pub(crate) fn round_ticks(ticks: i64, scale: u8) -> i64 {
    let unit = 10_i64.pow(7 - u32::from(scale.min(7)));
    (ticks + unit / 2).div_euclid(unit) * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        for (days, date) in [
            (0, (1, 1, 1)),
            (58, (1, 2, 28)),
            (59, (1, 3, 1)),
            (DAYS_TO_1900, (1900, 1, 1)),
            (DAYS_TO_1900 + DATETIME_FIRST, (1753, 1, 1)),
            (DAYS_TO_1900 + SMALL_LAST, (2079, 6, 6)),
            (LAST_DAY, (9999, 12, 31)),
        ] {
            assert_eq!(date_from_days(days), date);
            assert_eq!(days_from_date(date.0, date.1, date.2), Some(days));
        }
        assert_eq!(days_from_date(2023, 2, 29), None);
        assert_eq!(days_from_date(0, 1, 1), None);
        // Every day once: the calendar has no hole.
        for days in 0..=LAST_DAY {
            let (year, month, day) = date_from_days(days);
            assert_eq!(days_from_date(year, month, day), Some(days));
        }
    }

    #[test]
    fn weekdays_are_those_of_the_calendar() {
        // 2024-02-29 was a Thursday.
        let days = days_from_date(2024, 2, 29).expect("a leap day");
        assert_eq!(WEEKDAYS[weekday(days) as usize], "Thursday");
        assert_eq!(day_of_year(days), 60);
    }
}
