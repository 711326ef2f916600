#include "cascade/process/server_log.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "net/text/hex.hpp"

namespace cascade {

namespace {

using kind_of = log_fact::kind_of;

constexpr std::string_view removed = "[redacted]";

bool is_hex(char c) {
  return net::text::hex_value(c) >= 0;
}
bool is_run(char c) {
  return net::text::is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '=';
}
bool is_name(char c) {
  return net::text::is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
}
bool is_mail(char c) {
  return is_name(c) || c == '+' || c == '%';
}

/// The number after `words`, if `line` contains them.
std::optional<std::uint64_t> number_after(std::string_view line, std::string_view words) {
  const auto at = line.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const auto rest = line.substr(at + words.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

// "… listening on random port at P for HTTPS"; builds with a given port use another word.
log_fact read_port(std::string_view line) {
  const auto port = number_after(line, " port at ");
  if (!port || *port == 0 || *port > 65535) return {};
  const auto purpose = line.substr(line.rfind(' ') + 1);
  if (purpose == "HTTPS") return {kind_of::https_port, *port};
  if (purpose == "HTTP") return {kind_of::http_port, *port};
  if (purpose == "LSP") return {kind_of::lsp_port, *port};
  return {};
}

/// The beginning of a JSON body. A line of a pretty-printed body begins with a quote.
std::size_t body_start(std::string_view line) {
  const auto text = line.find_first_not_of(" \t");
  if (text != std::string_view::npos && line[text] == '"') return text;
  return std::min({line.find("{\""), line.find("{ \""), line.find("[{")});
}

void cut_body(std::string& line) {
  const auto at = body_start(line);
  if (at == std::string::npos) return;
  const auto left_out = line.size() - at;
  line.resize(at);
  line += "[" + std::to_string(left_out) + " bytes of JSON left out]";
}

void replace_each(std::string& line, std::string_view what) {
  if (what.empty()) return;
  for (auto at = line.find(what); at != std::string::npos; at = line.find(what, at + removed.size())) {
    line.replace(at, what.size(), removed);
  }
}

bool names_a_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 11> words{"token",         "csrf",       "secret",  "passw",
                                                          "authorization", "cookie",     "api_key", "apikey",
                                                          "api-key",       "credential", "session"};
  const std::string low = net::text::lowered(name);
  return std::ranges::any_of(words, [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

/// `line[at]` follows a name. Skips "=", ": ", a space and quotes.
std::size_t skip_to_value(std::string_view line, std::size_t at) {
  while (at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;
  if (at < line.size() && (line[at] == '=' || line[at] == ':')) ++at;
  while (at < line.size() && (line[at] == ' ' || line[at] == '"' || line[at] == '\'')) ++at;
  return at;
}

// After a word for the kind of credential comes the credential.
bool is_scheme(std::string_view word) {
  return word == "Bearer" || word == "bearer" || word == "Basic" || word == "basic";
}

std::size_t value_end(std::string_view line, std::size_t at) {
  return std::min(line.find_first_of(" \t\"',;&)]}", at), line.size());
}

/// `--csrf_token x`, `x-codeium-csrf-token: x`, `access_token=x`, `Authorization: Bearer x`. Only a flag may have its
/// value after a space; other names need "=" or ":", so that prose about tokens stays readable.
void redact_named(std::string& line) {
  for (std::size_t at = 0; at < line.size();) {
    if (!is_name(line[at])) {
      ++at;
      continue;
    }
    const auto end = static_cast<std::size_t>(
        std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), is_name) - line.begin());
    const std::string_view name = std::string_view(line).substr(at, end - at);
    auto value = skip_to_value(line, end);
    const bool assigned = line.substr(end, value - end).find_first_of("=:") != std::string::npos;
    const bool secret = is_scheme(name) || (names_a_secret(name) && (assigned || name.starts_with('-')));
    at = end;
    if (!secret || value == end) continue;
    const auto scheme_end = value_end(line, value);
    if (is_scheme(std::string_view(line).substr(value, scheme_end - value)))
      value = std::min(scheme_end + 1, line.size());
    const auto last = value_end(line, value);
    if (last > value) line.replace(value, last - value, removed);
    at = last > value ? value + removed.size() : last;
  }
}

bool is_uuid(std::string_view run) {
  if (run.size() != 36) return false;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? run[i] != '-' : !is_hex(run[i])) return false;
  }
  return true;
}

// Lower-case words and paths are no secrets; a long mixture with digits may be.
bool looks_random(std::string_view run) {
  if (run.size() < max_plain_run || is_uuid(run)) return false;
  const bool digits = std::ranges::any_of(run, net::text::is_digit);
  const bool mixed = std::ranges::any_of(run, net::text::is_lower) && std::ranges::any_of(run, net::text::is_upper);
  return digits && (mixed || std::ranges::all_of(run, is_hex));
}

void redact_runs(std::string& line) {
  for (std::size_t at = 0; at < line.size();) {
    auto end = at;
    while (end < line.size() && is_run(line[end])) ++end;
    if (looks_random(std::string_view(line).substr(at, end - at))) {
      line.replace(at, end - at, removed);
      end = at + removed.size();
    }
    at = end + 1;
  }
}

void redact_mail(std::string& line) {
  for (auto at = line.find('@'); at != std::string::npos; at = line.find('@', at + 1)) {
    auto begin = at;
    auto end = at + 1;
    while (begin > 0 && is_mail(line[begin - 1])) --begin;
    while (end < line.size() && is_name(line[end])) ++end;
    if (begin == at || line.substr(at, end - at).find('.') == std::string::npos) continue;
    line.replace(begin, end - begin, removed);
    at = begin;
  }
}

}  // namespace

log_fact read_log_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  if (const auto pid = number_after(line, "Starting language server process with pid "))
    return {kind_of::started, *pid};
  if (line.find("anguage server listening on ") != std::string_view::npos) return read_port(line);
  if (const auto ms = number_after(line, "nitialized server successfully in ")) return {kind_of::initialized, *ms};
  if (line.find("retryable api error") != std::string_view::npos) {
    return {kind_of::provider_retry, number_after(line, "retrying in ").value_or(0)};
  }
  return {};
}

std::string redactor::clean(std::string_view line) const {
  std::string text(line);
  for (const auto& secret : secrets_) replace_each(text, secret);
  cut_body(text);
  redact_named(text);
  redact_runs(text);
  redact_mail(text);
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  if (text.size() > max_clean_line) text.resize(max_clean_line);
  return text;
}

}  // namespace cascade
