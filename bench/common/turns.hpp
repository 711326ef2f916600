#pragma once

// Runs measures of several contestants in turns. In every round, all contestants run each measure one after another, so
// that other work of the machine affects all of them alike.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace bench {

struct turns {
  unsigned rounds = 3;
  std::vector<std::string> only = {};     // only measures whose names contain one of these; empty: all
  std::vector<std::string> without = {};  // contestants to leave out
  bool progress = false;                  // show progress on standard error
};

/// True if `name` contains one of `parts`, or if `parts` is empty.
inline bool chosen(const std::string& name, const std::vector<std::string>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(),
                                      [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

/// The elements of `all` that take part. Each has a `name`.
template <class Contestant>
std::vector<Contestant> taking_part(const turns& how, std::vector<Contestant> all) {
  std::erase_if(all, [&](const Contestant& of) {
    return std::find(how.without.begin(), how.without.end(), of.name) != how.without.end();
  });
  return all;
}

template <class Contestant>
std::vector<std::string> names_of(const std::vector<Contestant>& all) {
  std::vector<std::string> out;
  for (const Contestant& each : all) out.push_back(each.name);
  return out;
}

/// Calls `play(measure, contestant, round)`. A measure has a `name`, and says whether it is played `once`. If a call
/// throws, that figure is missing and standard error says so. The others continue.
template <class Measure, class Contestant, class Play>
void play_in_turns(const turns& how, const std::vector<Measure>& measures, const std::vector<Contestant>& contestants,
                   Play play) {
  for (unsigned round = 0; round < how.rounds; ++round) {
    for (const Measure& each : measures) {
      if (!chosen(each.name, how.only) || (each.once && round > 0)) continue;
      for (const Contestant& of : contestants) {
        if (how.progress) fmt::print(stderr, "\r\033[Kround {}: {}, {}", round + 1, each.name, of.name);
        try {
          play(each, of, round);
        } catch (const std::exception& error) {
          fmt::print(stderr, "\n{}, {}: {}\n", each.name, of.name, error.what());
        }
      }
    }
  }
  if (how.progress) fmt::print(stderr, "\r\033[K");
}

}  // namespace bench
