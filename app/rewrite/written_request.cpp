#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "app/rewrite/explanation.hpp"
#include "app/rewrite/field_rules.hpp"
#include "app/rewrite/json_document.hpp"
#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"

namespace app::rewrite {
namespace {

using net::text::iequals;

/// The file has the decoded body.
bool describes_body(std::string_view name) {
  return iequals(name, "content-encoding") || iequals(name, "content-length") || iequals(name, "transfer-encoding");
}

/// Reads the members one by one, up to the first fault.
class reader {
 public:
  explicit reader(std::string_view text) : text_(text) {}

  boost::system::result<written_request, written_fault> read() {
    const auto whole = is_json(text_) ? value_at(text_, {}) : std::nullopt;
    if (!whole || !whole->starts_with('{')) return written_fault{"expected a JSON object"};
    made_.request.method = "POST";
    for (json_entries members(*whole, 0); fault_.empty() && members.next();) {
      read_member(string_of(members.name()).value_or(""), members.value());
    }
    if (fault_.empty() && made_.who.host.empty()) fault_ = "host: missing";
    if (fault_.empty() && !made_.request.target.starts_with('/')) fault_ = "path: expected one that begins with /";
    if (!fault_.empty()) return written_fault{fault_};
    made_.request.form = form();
    return std::move(made_);
  }

 private:
  /// Whether it asks for a WebSocket.
  mitm::request_form form() const {
    std::string lines;
    for (const auto& field : made_.request.fields) {
      if (is_field_name(field.name) && is_field_value(field.value)) lines += field.name + ": " + field.value + "\r\n";
    }
    return mitm::form_of({made_.request.method, made_.request.target, 1, net::wire::header_fields(lines)});
  }

  void read_member(const std::string& name, std::string_view value) {
    if (name == "host") {
      made_.who.host = net::text::lowered(text(name, value));
    } else if (name == "method") {
      made_.request.method = text(name, value);
    } else if (name == "path") {
      made_.request.target = text(name, value);
    } else if (name == "uid") {
      read_uid(value);
    } else if (name == "headers") {
      read_headers(value);
    } else if (name == "body") {
      made_.request.body = value;
    } else {
      fault_ = name + ": unknown; expected host, path, method, headers, uid or body";
    }
  }

  std::string text(const std::string& name, std::string_view value) {
    auto found = string_of(value);
    if (!found) fault_ = name + ": expected text";
    return found.value_or("");
  }

  void read_uid(std::string_view value) {
    std::int64_t uid = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), uid);
    if (error != std::errc{} || end != value.data() + value.size()) fault_ = "uid: expected a whole number";
    made_.who.uid = uid;
  }

  void read_headers(std::string_view value) {
    if (!value.starts_with('{')) {
      fault_ = "headers: expected an object";
      return;
    }
    for (json_entries fields(value, 0); fields.next();) {
      const auto name = string_of(fields.name()).value_or("");
      const auto field = fields.value();
      if (!field.starts_with('[')) {
        add_field(name, field);
        continue;
      }
      for (json_entries each(field, 0); each.next();) add_field(name, each.value());
    }
  }

  void add_field(const std::string& name, std::string_view value) {
    auto field = text("headers." + name, value);
    if (!describes_body(name)) made_.request.fields.push_back({name, std::move(field)});
  }

  std::string_view text_;
  written_request made_;
  std::string fault_;
};

}  // namespace

boost::system::result<written_request, written_fault> read_written_request(std::string_view text) {
  return reader(text).read();
}

}  // namespace app::rewrite
