#include "app/config/config_value.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <sys/un.h>

#include "app/config/config_file.hpp"
#include "net/text/ascii.hpp"
#include "net/text/hex.hpp"

namespace app {
namespace {

using kind = setting_value::kind_of;

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

refused got(const setting_value& value, std::string_view hint = {}) {
  if (value.kind == kind::list) return {"a list", hint};
  const bool text = value.kind == kind::untyped || value.kind == kind::text;
  return {text ? in_quotes(value.items.front()) : value.items.front(), hint};
}

bool is_scalar_text(const setting_value& value) {
  return value.kind == kind::untyped || value.kind == kind::text;
}

std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void split_at_commas(std::string_view text, std::vector<std::string>& into) {
  while (!text.empty()) {
    const auto item = net::text::take_item(text);
    if (!item.empty()) into.emplace_back(item);
  }
}

/// True if the text begins like a list in the file. An address such as "[::1]:80" does not.
bool is_written_list(std::string_view text) {
  if (!text.starts_with('[')) return false;
  const auto first = text.find_first_not_of(" \t", 1);
  return first != std::string_view::npos && (text[first] == '"' || text[first] == '\'' || text[first] == ']');
}

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first, because the writer uses the first unit that divides the value.
constexpr std::array duration_units{unit{"d", 86'400'000}, unit{"h", 3'600'000}, unit{"m", 60'000}, unit{"s", 1000},
                                    unit{"ms", 1}};
constexpr std::array size_units{unit{"TiB", 1ull << 40}, unit{"GiB", 1ull << 30}, unit{"MiB", 1ull << 20},
                                unit{"KiB", 1ull << 10}, unit{"B", 1}};

template <std::size_t N>
std::optional<std::uint64_t> measured(std::string_view text, const std::array<unit, N>& units) {
  const auto split = text.find_first_not_of("0123456789");
  if (split == std::string_view::npos) return std::nullopt;
  const auto number = digits(text.substr(0, split));
  if (!number) return std::nullopt;
  for (const auto& candidate : units) {
    if (candidate.name != text.substr(split)) continue;
    if (*number > std::numeric_limits<std::int64_t>::max() / candidate.factor) return std::nullopt;
    return *number * candidate.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string with_unit(std::uint64_t amount, const std::array<unit, N>& units) {
  for (const auto& candidate : units) {
    if (amount >= candidate.factor && amount % candidate.factor == 0) {
      return std::to_string(amount / candidate.factor).append(candidate.name);
    }
  }
  return std::to_string(amount).append(units.back().name);
}

/// Reads durations and sizes: text with a unit. A bare number is refused, because its unit would be a guess.
template <std::size_t N>
read_result<std::uint64_t> read_measure(const setting_value& value, integer_range allowed,
                                        const std::array<unit, N>& units, std::string_view usual_unit) {
  const bool bare = value.kind == kind::integer || (value.kind == kind::untyped && digits(value.items.front()));
  if (bare) {
    return got(value, "a number has no unit: write " + in_quotes(value.items.front() + std::string(usual_unit)) + "?");
  }
  if (!is_scalar_text(value)) return got(value);
  const auto amount = measured(value.items.front(), units);
  if (!amount) return got(value);
  if (*amount < allowed.min || *amount > allowed.max) return got(value, "out of range");
  return *amount;
}

std::optional<endpoints> endpoints_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto number = digits(text.substr(colon + 1));
  if (!number || *number > 65535) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(*number);
  auto host = text.substr(0, colon);
  if (host.empty()) return endpoints{{asio::ip::address_v4::any(), port}, {asio::ip::address_v6::any(), port}};
  if (host == "localhost") {
    return endpoints{{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
  }
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed) return std::nullopt;
  return endpoints{{address, port}};
}

}  // namespace

refused::refused(std::string_view found, std::string_view hint) : why("got ") {
  why += found;
  if (!hint.empty()) why.append(" (").append(hint).append(")");
}

std::string_view to_string(log_level level) {
  constexpr std::array<std::string_view, 5> words{"trace", "debug", "info", "warn", "error"};
  return words[static_cast<std::size_t>(level)];
}

std::string_view to_string(log_format format) {
  constexpr std::array<std::string_view, 3> words{"auto", "text", "json"};
  return words[static_cast<std::size_t>(format)];
}

std::string_view to_string(redirect_scope scope) {
  return scope == redirect_scope::cgroup ? "cgroup" : "none";
}

std::string_view to_string(redirect_backend backend) {
  constexpr std::array<std::string_view, 3> words{"auto", "nft", "ebpf"};
  return words[static_cast<std::size_t>(backend)];
}

std::string_view to_string(permission_source source) {
  return source == permission_source::client ? "client" : "service";
}

std::string_view to_string(server_mode mode) {
  constexpr std::array<std::string_view, 4> words{"none", "launch", "attach", "discover"};
  return words[static_cast<std::size_t>(mode)];
}

read_result<std::string> read_text(const setting_value& value) {
  if (!is_scalar_text(value)) return got(value);
  return value.items.front();
}

read_result<std::vector<std::string>> read_list(const setting_value& value) {
  if (value.kind == kind::list) return value.items;
  if (value.kind == kind::text) return std::vector<std::string>{value.items.front()};
  if (value.kind != kind::untyped) return got(value);
  std::vector<std::string> items;
  for (const auto& item : value.items) {
    if (!is_written_list(net::text::trimmed(item))) {
      split_at_commas(item, items);
      continue;
    }
    auto written = parse_config_text("list = " + item, "list");
    const bool one = written.has_value() && written->size() == 1 && written->front().value.kind == kind::list;
    if (!one) return got(value, "not a TOML list, such as [\"a\", \"b\"]");
    auto& found = written->front().value.items;
    items.insert(items.end(), found.begin(), found.end());
  }
  return items;
}

read_result<std::uint64_t> read_integer(const setting_value& value, integer_range allowed) {
  if (value.kind != kind::integer && value.kind != kind::untyped) return got(value);
  const auto number = digits(value.items.front());
  if (!number) return got(value);
  if (*number < allowed.min || *number > allowed.max) return got(value, "out of range");
  return *number;
}

read_result<std::chrono::milliseconds> read_duration(const setting_value& value, duration_range allowed) {
  const integer_range counts{static_cast<std::uint64_t>(allowed.min.count()),
                             static_cast<std::uint64_t>(allowed.max.count())};
  const auto count = read_measure(value, counts, duration_units, "s");
  if (count.has_error()) return count.error();
  return std::chrono::milliseconds(*count);
}

read_result<std::uint64_t> read_size(const setting_value& value, integer_range allowed) {
  return read_measure(value, allowed, size_units, "KiB");
}

read_result<std::filesystem::path> read_path(const setting_value& value) {
  if (!is_scalar_text(value)) return got(value);
  std::filesystem::path path = value.items.front();
  if (path.empty() || path.is_absolute()) return path;
  if (path.native().starts_with("~")) return got(value, "~ is not expanded");
  // A service may be started in any directory, so the meaning of a relative path in a file would change.
  if (value.kind == kind::text) return got(value, "relative");
  return std::filesystem::absolute(path).lexically_normal();
}

read_result<endpoints> read_endpoints(const setting_value& value) {
  const auto items = read_list(value);
  if (items.has_error()) return items.error();
  endpoints all;
  for (const auto& item : *items) {
    const auto some = endpoints_of(item);
    if (!some) return refused(in_quotes(item), {});
    all.insert(all.end(), some->begin(), some->end());
  }
  if (all.empty()) return refused("none", {});
  return all;
}

read_result<api_addresses> read_api_addresses(const setting_value& value) {
  constexpr std::string_view scheme = "unix:";
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  const auto items = read_list(value);
  if (items.has_error()) return items.error();
  api_addresses all;
  for (const auto& item : *items) {
    if (item.starts_with(scheme)) {
      std::filesystem::path path = item.substr(scheme.size());
      if (!path.is_absolute() || !path.has_filename()) return refused(in_quotes(item), "the path must be absolute");
      if (path.native().size() > longest) {
        return refused(in_quotes(item), "the path of a Unix socket has at most " + std::to_string(longest) + " bytes");
      }
      all.paths.push_back(std::move(path));
      continue;
    }
    const auto some = endpoints_of(item);
    if (!some) return refused(in_quotes(item), {});
    all.tcp.insert(all.tcp.end(), some->begin(), some->end());
  }
  if (all.empty()) return refused("none", {});
  return all;
}

read_result<bool> read_boolean(const setting_value& value) {
  if (value.kind != kind::boolean && value.kind != kind::untyped) return got(value);
  if (value.items.front() == "true") return true;
  if (value.items.front() == "false") return false;
  return got(value);
}

read_result<std::map<std::string, std::string>> read_aliases(const setting_value& value) {
  const auto items = read_list(value);
  if (items.has_error()) return items.error();
  std::map<std::string, std::string> aliases;
  for (const auto& item : *items) {
    const auto equals = item.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == item.size()) {
      return refused(in_quotes(item), "expected name=model");
    }
    aliases[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return aliases;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (byte < 0x20 || byte == 0x7f) {
      net::text::append_hex(out.append("\\u00"), c, net::text::upper_hex_digits);
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string toml_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out.append(out.size() > 1 ? ", " : "").append(toml_text(item));
  return out += ']';
}

std::string toml_duration(std::chrono::milliseconds duration) {
  return in_quotes(with_unit(static_cast<std::uint64_t>(duration.count()), duration_units));
}

std::string toml_size(std::uint64_t bytes) {
  return in_quotes(with_unit(bytes, size_units));
}

std::string toml_endpoints(const endpoints& listen) {
  return toml_addresses({listen});
}

std::string toml_addresses(const api_addresses& listen) {
  std::vector<std::string> items;
  for (const auto& one : listen.tcp) items.push_back(to_text(one));
  for (const auto& path : listen.paths) items.push_back("unix:" + path.native());
  return toml_list(items);
}

}  // namespace app
