#include "app/openai_api/openai_turn.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "app/http/body.hpp"
#include "app/openai/conversation_digest.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/transcript_prompt.hpp"
#include "net/text/base64.hpp"

namespace app {
namespace {

using turn_result = boost::system::result<live_turn_ptr, turn_refusal>;

constexpr std::chrono::seconds retry_later{1};

/// The cascade that a request continues.
struct origin {
  std::string cascade_id;  // empty: none
  std::optional<std::uint32_t> steps;
  std::string known_instructions;
  std::optional<openai::conversation_digest> found_by;  // nullopt if the client named it
};

boost::system::result<origin, api_error> origin_of(openai_context& context, const openai::turn_request& request) {
  return context.memory.with([&](auto& store, auto& index, auto now) -> boost::system::result<origin, api_error> {
    if (request.previous_response_id) {
      const auto* before = store.find(*request.previous_response_id, now);
      if (before == nullptr) return openai::previous_response_not_found(*request.previous_response_id);
      return origin{before->cascade_id, before->steps, before->instructions, {}};
    }
    if (request.conversation) return origin{*request.conversation, {}, {}, {}};
    const auto digest = openai::digest_of(request);
    auto known = digest ? index.take(*digest, now) : std::nullopt;
    if (!known) return origin{};
    return origin{std::move(known->cascade_id), known->steps, request.instructions, digest};
  });
}

origin origin_of(known_turn previous) {
  return {std::move(previous.cascade_id), previous.steps, std::move(previous.instructions), {}};
}

exa::codeium_common_pb::ImageData image_of(const openai::image& source) {
  exa::codeium_common_pb::ImageData image;
  image.set_base64_data(net::text::base64_encoded(source.bytes));
  image.set_mime_type(source.mime);
  return image;
}

/// "gemini-3-pro-high" with effort "low" → "gemini-3-pro-low".
std::string with_effort(std::string_view id, std::string_view effort) {
  for (const std::string_view known : {"-low", "-medium", "-high"}) {
    if (id.ends_with(known)) id.remove_suffix(known.size());
  }
  return std::string(id) + '-' + std::string(effort);
}

boost::system::result<chosen_model, api_error> model_of(const model_catalog& models, openai::turn_request& request) {
  const auto named = models.list().resolve(request.model);
  if (named.has_error()) return named.error();
  if (request.reasoning_effort) {
    // The language server has a separate model for each effort.
    if (auto other = models.choose(with_effort((*named)->id, *request.reasoning_effort))) return other;
    if (!(*named)->id.ends_with('-' + *request.reasoning_effort)) request.ignored.emplace_back("reasoning_effort");
  }
  return models.choose((*named)->id);
}

std::optional<api_error> bad_images(const std::vector<const openai::image*>& images, bool supported) {
  if (images.empty()) return std::nullopt;
  if (!supported) return openai::unsupported_value("messages", "The model does not take images.");
  const bool remote = std::ranges::any_of(images, [](const auto* each) { return each->bytes.empty(); });
  if (remote)
    return openai::unsupported_value("messages", "Images must be sent as data URLs: nothing is fetched here.");
  return std::nullopt;
}

boost::system::result<cascade::turn_request, api_error> order_of(openai_context& context,
                                                                 const openai::turn_request& request,
                                                                 const chosen_model& model, const origin& start) {
  const auto prompt = start.cascade_id.empty() ? openai::whole_prompt(request)
                                               : openai::continued_prompt(request, start.known_instructions);
  if (auto refused = bad_images(prompt.images, model.supports_images)) return std::move(*refused);
  cascade::turn_request order;
  order.cascade_id = start.cascade_id;
  order.expected_steps = start.steps;
  order.text = prompt.text;
  for (const auto* each : prompt.images) order.images.push_back(image_of(*each));
  order.model = model.number;
  order.max_output_tokens = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(request.max_tokens.value_or(0), std::numeric_limits<std::uint32_t>::max()));
  order.permissions = context.permissions;
  order.limits = context.limits;
  return order;
}

/// The cascade that we found by digest is gone, busy, or was continued by somebody else. The transcript can make a new
/// one.
bool may_begin_anew(const origin& start, const turn_refusal& why) {
  return start.found_by && (why.error.status == 404 || why.error.status == 409);
}

}  // namespace

asio::awaitable<turn_result> begin_openai_turn(openai_context& context, openai::turn_request& request,
                                               api_request& carrier, std::optional<known_turn> previous) {
  const auto models = co_await context.models.current();
  if (models.has_error()) co_return models.error();
  const auto model = model_of(**models, request);
  if (model.has_error()) co_return turn_refusal{model.error()};
  // Hashing and writing a long transcript takes time.
  auto found = co_await read_apart(carrier, [&] {
    return previous ? boost::system::result<origin, api_error>(origin_of(std::move(*previous)))
                    : origin_of(context, request);
  });
  if (found.has_error()) co_return turn_refusal{overload("Too many large requests wait to be read."), retry_later};
  auto& start = *found;
  if (start.has_error()) co_return turn_refusal{start.error()};
  auto written = co_await read_apart(carrier, [&] { return order_of(context, request, *model, *start); });
  if (written.has_error()) co_return turn_refusal{overload("Too many large requests wait to be read."), retry_later};
  auto& order = *written;
  if (order.has_error()) co_return turn_refusal{order.error()};
  auto turn = co_await context.turns.begin(std::move(*order), carrier.request_id);
  if (turn.has_value() || !may_begin_anew(*start, turn.error())) {
    if (turn.has_error() && start->found_by) {
      context.memory.with([&](auto&, auto& index, auto now) {
        index.put(*start->found_by, {start->cascade_id, start->steps.value_or(0)}, now);
      });
    }
    co_return turn;
  }
  order = order_of(context, request, *model, {});
  if (order.has_error()) co_return turn_refusal{order.error()};
  co_return co_await context.turns.begin(std::move(*order), carrier.request_id);
}

}  // namespace app
