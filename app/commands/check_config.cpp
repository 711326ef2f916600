#include "app/commands/check_config.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/config/config_print.hpp"
#include "app/config/watched_hosts.hpp"
#include "app/rewrite/explanation.hpp"
#include "app/rewrite/rule_conflicts.hpp"
#include "app/rewrite/rule_set.hpp"
#include "app/rewrite/rule_text.hpp"

namespace app {
namespace {

std::vector<net::text::host_pattern> watched(const config& values) {
  std::vector<net::text::host_pattern> patterns;
  for (const auto& text : watched_hosts(values)) patterns.push_back(*net::text::host_pattern::parse(text));
  return patterns;
}

void print_rules(const std::vector<rewrite::rule>& rules, std::ostream& out) {
  if (!rules.empty()) out << "\n# rules, in the order in which they apply\n";
  for (const auto& one : rules) {
    out << "# " << one.name << " (" << one.origin << "): " << rewrite::describe(one.match) << ':';
    const char* between = " ";
    for (const auto& act : one.actions) {
      out << between << rewrite::describe(act);
      between = "; ";
    }
    out << (one.dry_run ? " (dry_run)" : "") << (one.last ? " (last)" : "") << '\n';
  }
}

void print_watched(const config& values, std::ostream& out) {
  out << "\n# watched hosts\n";
  for (const auto& set : watched_sets(values)) {
    out << "# " << set.name << ':';
    const char* between = " ";
    for (const auto& host : set.hosts) out << std::exchange(between, ", ") << host;
    out << '\n';
  }
}

void warn(const config& values, std::ostream& err) {
  for (const auto& line : rewrite::conflicts_of(values.rules->rules(), watched(values))) {
    err << "zerogravity: warning: " << line << '\n';
  }
}

}  // namespace

exit_code print_config(const loaded_config& loaded, const check_config_output& output) {
  output.out << to_toml(loaded);
  print_watched(loaded.values, output.out);
  print_rules(loaded.values.rules->rules(), output.out);
  warn(loaded.values, output.err);
  return exit_code::ok;
}

exit_code explain_request(const loaded_config& loaded, const std::filesystem::path& request,
                          const check_config_output& output) {
  std::ifstream stream(request, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) {
    output.err << "zerogravity: " << request.native() << ": cannot be read\n";
    return exit_code::bad_usage;
  }
  const auto written = rewrite::read_written_request(text);
  if (written.has_error()) {
    output.err << "zerogravity: " << request.native() << ": " << written.error().why << '\n';
    return exit_code::bad_usage;
  }
  warn(loaded.values, output.err);
  const auto& host = written->who.host;
  if (std::ranges::none_of(watched(loaded.values), [&](const auto& pattern) { return pattern.matches(host); })) {
    output.err << "zerogravity: warning: " << host << " is not watched, so its requests are not seen\n";
  }
  output.out << rewrite::explain(*loaded.values.rules, *written, loaded.values.limits.rewrite_body);
  return exit_code::ok;
}

}  // namespace app
