#include "usage/attribution.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "usage/json/json_scanner.hpp"

namespace usage {
namespace {

/// Reads a member of a JSON text that is the value of a header or of another member.
class one_member final : json_scanner::sink {
 public:
  explicit one_member(const json_paths& paths) : scanner_(paths, *this, request_members::max_name) {}

  /// The value with the smallest tag, empty if there is none or the text is no JSON object.
  std::string read(std::string_view json) {
    if (!json.starts_with('{') || !scanner_.feed(json) || !scanner_.finish()) return {};
    return found_;
  }

 private:
  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override {
    if (kind != json_scanner::scalar::string || text.empty() || tag > tag_) return;
    tag_ = tag;
    found_.assign(text);
  }
  void on_verbatim(int, std::string_view) override {}

  json_scanner scanner_;
  int tag_ = 255;
  std::string found_;
};

std::string turn_metadata(std::string_view value) {
  static const json_paths paths{{"thread_id", 0}, {"session_id", 1}};
  return one_member(paths).read(value);
}

std::string session_of_user(std::string_view user_id) {
  static const json_paths paths{{"session_id", 0}};
  constexpr std::string_view mark = "_session_";
  if (const auto at = user_id.rfind(mark); at != user_id.npos && user_id.starts_with("user_"))
    return std::string(user_id.substr(at + mark.size()));
  return one_member(paths).read(user_id);
}

/// Gemini CLI: <session>########<number of the prompt>.
std::string session_of_prompt(std::string_view prompt_id) {
  const auto mark = prompt_id.find("########");
  return mark == prompt_id.npos ? std::string() : std::string(prompt_id.substr(0, mark));
}

std::string as_sent(std::string_view value) {
  return std::string(value);
}

struct header_rule {
  std::string_view rule;
  std::string (*conversation)(std::string_view value);
};

constexpr std::string_view header_prefix = "header:";
constexpr std::array header_rules{
    header_rule{"header:thread-id", as_sent},    header_rule{"header:x-codex-turn-metadata", turn_metadata},
    header_rule{"header:session-id", as_sent},   header_rule{"header:x-claude-code-session-id", as_sent},
    header_rule{"header:x-session-id", as_sent},
};

struct body_rule {
  std::string_view rule;
  request_member member;
  std::string (*conversation)(std::string_view value);
};

constexpr std::array body_rules{
    body_rule{"body:conversation", request_member::conversation, as_sent},
    body_rule{"body:conversation", request_member::conversation_id, as_sent},
    body_rule{"body:prompt_cache_key", request_member::prompt_cache_key, as_sent},
    body_rule{"body:metadata.session_id", request_member::session_id, as_sent},
    body_rule{"body:metadata.sessionId", request_member::metadata_session, as_sent},
    body_rule{"body:request.session_id", request_member::request_session, as_sent},
    body_rule{"body:user_prompt_id", request_member::user_prompt_id, session_of_prompt},
    body_rule{"body:metadata.user_id", request_member::user_id, session_of_user},
    body_rule{"body:previous_response_id", request_member::previous_response_id, as_sent},
};

std::string_view cut(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

bool parse_number(std::string_view text, std::int64_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size();
}

// agent/<conversation>/<unix ms>/<trajectory>/<n>; other forms give only the kind.
void read_request_id(usage_record& record, std::string_view id) {
  if (id.find('/') == id.npos) return;
  record.request_kind = cut(id);
  if (record.request_kind != "agent") return;
  const std::string_view conversation = cut(id);
  std::int64_t milliseconds = 0;
  const bool timed = parse_number(cut(id), milliseconds);
  const std::string_view trajectory = cut(id);
  std::int64_t step = 0;
  if (conversation.empty() || !timed || !parse_number(id, step)) return;
  record.conversation = conversation;
  record.attributed_by = "request_id";
  record.trajectory_id = trajectory;
  record.step = step;
}

void read_body_rules(usage_record& record, const request_members& body) {
  for (const body_rule& rule : body_rules) {
    if (body[rule.member].empty()) continue;
    record.conversation = rule.conversation(body[rule.member]);
    if (record.conversation.empty()) continue;
    record.attributed_by = rule.rule;
    return;
  }
}

}  // namespace

evidence find_evidence(const net::wire::header_fields& fields) {
  for (const header_rule& rule : header_rules) {
    const auto value = fields.find(rule.rule.substr(header_prefix.size()));
    if (!value) continue;
    if (std::string conversation = rule.conversation(*value); !conversation.empty())
      return {rule.rule, std::move(conversation)};
  }
  return {};
}

void attribute(usage_record& record, const request_members* body, const evidence& header) {
  if (body != nullptr) {
    read_request_id(record, (*body)[request_member::request_id]);
    if (record.request_kind.empty()) record.request_kind = (*body)[request_member::request_type];
    if (record.trajectory_id.empty()) record.trajectory_id = (*body)[request_member::trajectory_id];
    record.execution_id = (*body)[request_member::execution_id];
  }
  if (!record.attributed_by.empty()) return;
  if (!header.rule.empty()) {
    record.conversation = header.conversation;
    record.attributed_by = header.rule;
  } else if (body != nullptr) {
    read_body_rules(record, *body);
  }
}

}  // namespace usage
