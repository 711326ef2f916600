#include "usage/call_shape.hpp"

#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/wire/message_head.hpp"

namespace usage {
namespace {

using net::text::iequals;

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

/// Google puts a method behind the last segment: /v1internal:countTokens, /v1beta/models/<model>:generateContent.
call_shape classify_google(std::string_view path) noexcept {
  const auto colon = path.rfind(':');
  if (colon == path.npos || path.find('/', colon) != path.npos) return {};
  const std::string_view verb = path.substr(colon + 1);
  const bool generates = verb == "generateContent" || verb == "streamGenerateContent";
  if (!generates && verb != "countTokens") return {};
  const std::string_view noun = path.substr(0, colon);
  const auto slash = noun.rfind('/');
  const std::string_view parent = noun.substr(0, slash == noun.npos ? 0 : slash);
  const bool named = parent.ends_with("/models") || parent.ends_with("/tunedModels");
  return {provider::google, generates ? call_kind::model : call_kind::count_tokens,
          named ? noun.substr(slash + 1) : std::string_view{}};
}

call_shape classify_path(std::string_view path) noexcept {
  if (path.ends_with("/chat/completions")) return {provider::openai_chat, call_kind::model, {}};
  if (path.ends_with("/responses/input_tokens")) return {provider::openai_responses, call_kind::count_tokens, {}};
  if (path.ends_with("/responses") || path.ends_with("/responses/compact"))
    return {provider::openai_responses, call_kind::model, {}};
  if (path.ends_with("/v1/messages/count_tokens")) return {provider::anthropic, call_kind::count_tokens, {}};
  if (path.ends_with("/v1/messages")) return {provider::anthropic, call_kind::model, {}};
  return classify_google(path);
}

/// GET …/responses/<id>, plain or streamed, and POST …/responses/<id>/cancel answer with a response that is stored.
std::string_view fetched_response(std::string_view method, std::string_view path) noexcept {
  constexpr std::string_view cancel = "/cancel", folder = "/responses";
  const bool cancels = method == "POST" && path.ends_with(cancel);
  if (!cancels && method != "GET") return {};
  if (cancels) path.remove_suffix(cancel.size());
  const auto slash = path.rfind('/');
  if (slash == path.npos || !path.substr(0, slash).ends_with(folder)) return {};
  return path.substr(slash + 1);
}

}  // namespace

call_shape classify(std::string_view host, std::string_view method, std::string_view path) noexcept {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (method == "POST")
    if (const call_shape known = classify_path(path); known.provider != provider::unknown) return known;
  if (const auto id = fetched_response(method, path); !id.empty())
    return {provider::openai_responses, call_kind::other, {}, id};
  if (path.starts_with("/v1internal:")) return {provider::google, call_kind::other, {}};
  return {provider_of_host(host), call_kind::other, {}};
}

std::string plain_path(std::string_view path) {
  std::string plain;
  plain.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    const auto escaped = net::text::escaped_byte(path, at);
    const bool needless = escaped && net::text::is_unreserved(*escaped);
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
