#include "usage/call_shape.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/wire/message_head.hpp"

namespace usage {
namespace {

using net::text::iequals;

using terms_of = const dialect& (*)();

/// A call by how its path ends, or by the verb behind the last colon.
struct call_rule {
  std::string_view end;
  call_kind kind;
  terms_of terms;
  std::string_view request_kind = {};
  bool is_turn = false;
};

constexpr auto model = call_kind::model, counting = call_kind::count_tokens;

// The first that fits decides.
constexpr std::array posted{
    call_rule{"/chat/completions", model, openai_chat_dialect, {}, true},
    call_rule{"/responses/input_tokens", counting, openai_responses_dialect, {}, true},
    call_rule{"/responses/compact", model, openai_responses_dialect, {}, true},
    call_rule{"/responses", model, openai_responses_dialect, {}, true},
    call_rule{"/v1/messages/count_tokens", counting, anthropic_dialect, {}, true},
    call_rule{"/v1/messages", model, anthropic_dialect, {}, true},
    call_rule{"/v1/complete", model, anthropic_dialect, "completion"},
    call_rule{"/completions", model, openai_plain_dialect, "completion"},
    call_rule{"/embeddings", model, openai_plain_dialect, "embedding"},
    call_rule{"/images/generations", model, openai_media_dialect, "image"},
    call_rule{"/images/edits", model, openai_media_dialect, "image"},
    call_rule{"/images/variations", model, openai_media_dialect, "image"},
    call_rule{"/audio/transcriptions", model, openai_media_dialect, "transcription"},
    call_rule{"/audio/translations", model, openai_media_dialect, "transcription"},
    call_rule{"/audio/speech", model, openai_media_dialect, "speech"},
    call_rule{"/interactions", model, google_interactions_dialect},
};

// https://docs.aws.amazon.com/bedrock/latest/APIReference: behind /model/<model>
constexpr std::array bedrock_posted{
    call_rule{"/invoke", model, bedrock_dialect},
    call_rule{"/invoke-with-response-stream", model, bedrock_dialect},
    call_rule{"/converse", model, bedrock_dialect},
    call_rule{"/converse-stream", model, bedrock_dialect},
    call_rule{"/count-tokens", counting, bedrock_dialect},
};

// Google puts a verb behind the last segment: /v1internal:countTokens, /v1beta/models/<model>:generateContent.
constexpr std::array google_verbs{
    call_rule{"generateContent", model, google_dialect, {}, true},
    call_rule{"streamGenerateContent", model, google_dialect, {}, true},
    call_rule{"countTokens", counting, google_dialect, {}, true},
    call_rule{"embedContent", model, google_dialect, "embedding"},
    call_rule{"batchEmbedContents", model, google_dialect, "embedding"},
    call_rule{"predict", model, google_dialect, "prediction"},
    call_rule{"predictLongRunning", model, google_dialect, "prediction"},
};

/// An answer that is asked for once more: <before><id><after>.
struct fetch_rule {
  std::string_view method;
  std::string_view before;
  std::string_view after;
  terms_of terms;
  bool may_be_else = false;
};

constexpr std::array fetched{
    fetch_rule{"GET", "/responses/", "", openai_responses_dialect},
    fetch_rule{"POST", "/responses/", "/cancel", openai_responses_dialect},
    fetch_rule{"GET", "/chat/completions/", "", openai_chat_dialect},
    fetch_rule{"GET", "/interactions/", "", google_interactions_dialect},
    fetch_rule{"POST", "/interactions/", "/cancel", google_interactions_dialect},
    fetch_rule{"GET", "/messages/batches/", "/results", anthropic_batch_dialect},
    fetch_rule{"GET", "/files/", "/content", openai_batch_dialect, true},
};

bool is_or_is_below(std::string_view host, std::string_view domain) noexcept {
  if (iequals(host, domain)) return true;
  if (host.size() <= domain.size()) return false;
  const std::size_t dot = host.size() - domain.size() - 1;
  return host[dot] == '.' && iequals(host.substr(dot + 1), domain);
}

provider provider_of_host(std::string_view host) noexcept {
  if (is_or_is_below(host, "googleapis.com")) return provider::google;
  if (is_or_is_below(host, "anthropic.com")) return provider::anthropic;
  if (is_or_is_below(host, "openai.com")) return provider::openai_chat;
  if (is_or_is_below(host, "chatgpt.com")) return provider::openai_responses;
  return provider::unknown;
}

call_shape shape_of(const call_rule& rule, std::string_view model_name) {
  const dialect& terms = rule.terms();
  return {.provider = terms.family,
          .kind = rule.kind,
          .model = std::string(model_name),
          .request_kind = std::string(rule.request_kind),
          .terms = &terms,
          .is_turn = rule.is_turn};
}

call_shape turn_of(const dialect& terms) {
  return {.provider = terms.family, .kind = model, .terms = &terms, .is_turn = terms.family != provider::openai};
}

/// What stands between the two, without a slash inside; empty: not there.
std::string_view segment_after(std::string_view path, std::string_view before) {
  const auto at = path.find(before);
  if (at == path.npos) return {};
  path.remove_prefix(at + before.size());
  return path.substr(0, path.find('/'));
}

/// Vertex passes the requests of other makers' models on in their own form.
std::optional<call_shape> raw_prediction(std::string_view noun, std::string_view model_name) {
  if (segment_after(noun, "/publishers/") != "anthropic")
    return shape_of({"", model, openai_chat_dialect, {}, true}, model_name);
  if (model_name == "count-tokens") return shape_of({"", counting, anthropic_dialect, {}, true}, {});
  return shape_of({"", model, anthropic_dialect, {}, true}, model_name);
}

std::optional<call_shape> google_call(std::string_view path) {
  const auto colon = path.rfind(':');
  if (colon == path.npos || path.find('/', colon) != path.npos) return std::nullopt;
  const std::string_view verb = path.substr(colon + 1);
  const std::string_view noun = path.substr(0, colon);
  const auto slash = noun.rfind('/');
  const std::string_view parent = noun.substr(0, slash == noun.npos ? 0 : slash);
  const bool named = parent.ends_with("/models") || parent.ends_with("/tunedModels");
  const std::string_view model_name = named ? noun.substr(slash + 1) : std::string_view{};
  if (named && (verb == "rawPredict" || verb == "streamRawPredict")) return raw_prediction(noun, model_name);
  const auto* rule = std::ranges::find(google_verbs, verb, &call_rule::end);
  if (rule == google_verbs.end()) return std::nullopt;
  return shape_of(*rule, model_name);
}

std::optional<call_shape> bedrock_call(std::string_view path) {
  constexpr std::string_view folder = "/model/";
  const auto at = path.find(folder);
  if (at == path.npos) return std::nullopt;
  path.remove_prefix(at + folder.size());
  for (const call_rule& rule : bedrock_posted)
    if (path.size() > rule.end.size() && path.ends_with(rule.end))
      return shape_of(rule, path.substr(0, path.size() - rule.end.size()));
  return std::nullopt;
}

std::optional<call_shape> posted_call(std::string_view path) {
  // Azure names its own name of the model: /openai/deployments/<deployment>/chat/completions
  for (const call_rule& rule : posted)
    if (path.ends_with(rule.end)) return shape_of(rule, segment_after(path, "/deployments/"));
  if (auto call = bedrock_call(path)) return call;
  return google_call(path);
}

std::optional<call_shape> fetching_call(std::string_view method, std::string_view path) {
  for (const fetch_rule& rule : fetched) {
    if (method != rule.method || !path.ends_with(rule.after)) continue;
    const std::string_view rest = path.substr(0, path.size() - rule.after.size());
    const auto slash = rest.rfind('/');
    if (slash == rest.npos || slash + 1 == rest.size() || !rest.substr(0, slash + 1).ends_with(rule.before)) continue;
    const dialect& terms = rule.terms();
    return call_shape{.provider = terms.family,
                      .response = std::string(rest.substr(slash + 1)),
                      .terms = &terms,
                      .may_be_else = rule.may_be_else};
  }
  return std::nullopt;
}

}  // namespace

call_shape classify(std::string_view host, std::string_view method, std::string_view path,
                    const provider_table* providers) {
  const std::string plain = plain_path(path);
  path = plain;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const provider_entry* const entry = providers == nullptr ? nullptr : providers->find(host);
  if (method == "POST" && entry != nullptr)
    if (const dialect* terms = main_dialect(entry->call_at(path))) return turn_of(*terms);
  if (method == "POST")
    if (auto known = posted_call(path)) return *std::move(known);
  if (auto known = fetching_call(method, path)) return *std::move(known);
  if (path.starts_with("/v1internal:")) return {.provider = provider::google};
  const provider named = provider_of_host(host);
  return {.provider = named == provider::unknown && entry != nullptr ? entry->family : named};
}

std::string plain_path(std::string_view path) {
  constexpr std::string_view structural = ":/@";  // reserved, but servers of these APIs route by the decoded path
  std::string plain;
  plain.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    const auto escaped = net::text::escaped_byte(path, at);
    const bool needless =
        escaped && (net::text::is_unreserved(*escaped) || structural.find(*escaped) != structural.npos);
    plain += needless ? *escaped : path[at];
    if (needless) at += 2;
  }
  return plain;
}

std::string_view path_of(std::string_view target) noexcept {
  target = target.substr(0, target.find_first_of("?#"));
  if (const auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
    const auto slash = target.find('/', scheme + 3);
    return slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  return target;
}

}  // namespace usage
