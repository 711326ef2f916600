#pragma once

// Measures that contestants play in turns: in every round each measure is played by all of them, one after another, so
// that what the machine does meanwhile meets them alike.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

namespace bench {

struct turns {
  unsigned rounds = 3;
  std::vector<std::string> only = {};     // measures whose names hold one of these; empty: all
  std::vector<std::string> without = {};  // contestants left out
  bool progress = false;                  // on standard error
};

/// Whether `name` holds one of `parts`, or there are none.
inline bool chosen(const std::string& name, const std::vector<std::string>& parts) {
  return parts.empty() || std::any_of(parts.begin(), parts.end(),
                                      [&](const std::string& part) { return name.find(part) != std::string::npos; });
}

/// Those of `all` (each has a `name`) that take part.
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

/// `measures` have a `name` and say whether they are played `once`; `play(measure, contestant, round)`. One that throws
/// has no figure, which standard error says; the others go on.
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
