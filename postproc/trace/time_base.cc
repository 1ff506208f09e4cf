// SPDX-License-Identifier: BSD-3-Clause
#include "trace/time_base.h"

#include <cstdio>

namespace kutrace {
namespace {

constexpr int64_t kUsPerDay = 86400000000;

struct Date {
  int64_t year;
  int month, day;
};

// Civil date of a day number since 1970-01-01 in the proleptic Gregorian calendar.
Date civil(int64_t days) {
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return {yoe + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t yoe = year - era * 400;
  int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::string format_utc(int64_t us) {
  if (us == 0) return "unknown";
  int64_t days = floor_div(us, kUsPerDay);
  int64_t rest = us - days * kUsPerDay;
  Date d = civil(days);
  char text[64];
  std::snprintf(text, sizeof(text), "%04lld-%02d-%02d_%02d:%02d:%02d.%06d", static_cast<long long>(d.year), d.month,
                d.day, static_cast<int>(rest / 3600000000), static_cast<int>(rest / 60000000 % 60),
                static_cast<int>(rest / 1000000 % 60), static_cast<int>(rest % 1000000));
  return text;
}

std::string format_minute(int64_t minute_us) {
  if (minute_us == TimeBase::kUnknownMinute) return "";
  // The microsecond keeps the first minute of 1970 from being unknown.
  const std::string text = format_utc(minute_us + 1);
  return text.substr(0, text.rfind(':')) + ":00";
}

int64_t parse_minute(const std::string& text) {
  int year, month, day, hour, minute;
  if (std::sscanf(text.c_str(), "%5d-%2d-%2d_%2d:%2d", &year, &month, &day, &hour, &minute) != 5) return TimeBase::kUnknownMinute;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59) {
    return TimeBase::kUnknownMinute;
  }
  return days_from_civil(year, month, day) * kUsPerDay + hour * 3600000000LL + minute * 60000000LL;
}

std::string signed_seconds(int64_t us) {
  const uint64_t magnitude = us < 0 ? 0 - static_cast<uint64_t>(us) : static_cast<uint64_t>(us);
  char text[40];
  std::snprintf(text, sizeof(text), "%c%llu.%06llu", us < 0 ? '-' : '+', static_cast<unsigned long long>(magnitude / 1000000),
                static_cast<unsigned long long>(magnitude % 1000000));
  return text;
}

}  // namespace kutrace
