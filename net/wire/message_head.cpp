#include "net/wire/message_head.hpp"

#include <array>
#include <cstring>

#include "net/text/ascii.hpp"

namespace net::wire {
namespace {

using text::is_digit;

constexpr auto token_characters = [] {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_target(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return false;
  }
  return !text.empty();
}

/// `line` without its LF and the CR before it.
std::string_view without_end(std::string_view line) {
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Removes the first line with its LF from `rest`; nullopt if there is no LF.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t lf = rest.find('\n');
  if (lf == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, lf + 1);
  rest.remove_prefix(lf + 1);
  return line;
}

/// No space before the colon, no folded line, no bare CR: with each of them two readers could see different messages.
bool is_field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
         line.find('\r', colon) == std::string_view::npos;
}

struct split_head {
  std::string_view start;  // the start line without its end
  std::string_view lines;  // the field lines with theirs
};

/// Start line and checked field lines of exactly one head.
result<split_head> split(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return errc::malformed;
  const auto start = take_line(head);
  if (!start) return errc::malformed;
  const std::string_view fields = head;
  for (;;) {
    const std::size_t used = fields.size() - head.size();
    const auto line = take_line(head);
    if (!line) return errc::malformed;
    const std::string_view text = without_end(*line);
    if (text.empty()) {
      if (!head.empty()) return errc::malformed;
      return split_head{without_end(*start), fields.substr(0, used)};
    }
    if (!is_field_line(text)) return errc::malformed;
  }
}

/// The minor version of "HTTP/1.x", or nullopt.
std::optional<int> parse_version(std::string_view text) {
  constexpr std::string_view major = "HTTP/1.";
  if (text.size() != major.size() + 1 || !text.starts_with(major) || !is_digit(text.back())) return std::nullopt;
  return text.back() - '0';
}

}  // namespace

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!token_characters[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

header_fields::iterator header_fields::begin() const {
  return iterator(lines_);
}
header_fields::iterator header_fields::end() const {
  return iterator();
}

std::optional<std::string_view> header_fields::find(std::string_view name) const {
  for (const header_field& field : *this) {
    if (text::iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

header_fields::iterator::iterator(std::string_view rest) : rest_(rest) {
  read();
}

header_fields::iterator& header_fields::iterator::operator++() {
  rest_.remove_prefix(line_);
  read();
  return *this;
}

void header_fields::iterator::read() {
  if (rest_.empty()) return;
  std::string_view rest = rest_;
  const std::string_view line = take_line(rest).value_or(rest_);
  line_ = line.size();
  const std::string_view text = line.ends_with('\n') ? without_end(line) : line;
  const std::size_t colon = text.find(':');
  field_.name = text.substr(0, colon);
  field_.value = colon == std::string_view::npos ? std::string_view() : text::trimmed(text.substr(colon + 1));
}

std::optional<std::size_t> head_length(std::string_view input, std::size_t searched) {
  // The end is LF LF or LF CR LF, so up to two of its bytes may be in the part searched before.
  std::size_t begin = searched < 2 ? 0 : searched - 2;
  for (;;) {
    const std::size_t lf = input.find('\n', begin);
    if (lf == std::string_view::npos) return std::nullopt;
    const std::string_view next = input.substr(lf + 1, 2);
    if (next.starts_with('\n')) return lf + 2;
    if (next == "\r\n") return lf + 3;
    begin = lf + 1;
  }
}

result<request_head> parse_request_head(std::string_view head) {
  const auto parts = split(head);
  if (!parts) return parts.error();
  const std::string_view line = parts->start;
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return errc::malformed;

  request_head parsed{line.substr(0, first), line.substr(first + 1, last - first - 1), 1, header_fields(parts->lines)};
  const auto version = parse_version(line.substr(last + 1));
  if (!version || !is_token(parsed.method) || !is_target(parsed.target)) return errc::malformed;
  parsed.minor_version = *version;
  return parsed;
}

result<response_head> parse_response_head(std::string_view head) {
  const auto parts = split(head);
  if (!parts) return parts.error();
  // "HTTP/1.1 200 OK"; the space before an empty reason is required by the RFC and left out by many origins.
  const std::string_view line = parts->start;
  if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) return errc::malformed;
  const std::string_view code = line.substr(9, 3);
  const auto version = parse_version(line.substr(0, 8));
  if (!version || !is_digit(code[0]) || !is_digit(code[1]) || !is_digit(code[2]) || code[0] == '0') {
    return errc::malformed;
  }
  const std::string_view reason = line.substr(line.size() > 12 ? 13 : 12);
  if (reason.find('\r') != std::string_view::npos) return errc::malformed;
  const auto status = static_cast<unsigned>((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
  return response_head{*version, status, reason, header_fields(parts->lines)};
}

}  // namespace net::wire
