#include "app/openai_api/response_cancel.hpp"

#include <utility>

namespace app {

asio::awaitable<std::optional<turn_refusal>> cancel_response(openai_context& context, std::string id) {
  std::string cascade_id;
  const auto marked = context.memory.with([&](auto& store, auto&, auto now) {
    const auto* found = store.find(id, now);
    if (found != nullptr) cascade_id = found->cascade_id;
    return store.cancel(id, now);
  });
  if (marked.has_error()) co_return turn_refusal{marked.error()};
  co_return co_await cancel_turn(context, std::move(id), std::move(cascade_id));
}

asio::awaitable<std::optional<turn_refusal>> cancel_turn(openai_context& context, std::string id,
                                                         std::string cascade_id) {
  auto session = co_await context.servers.session();
  if (session.has_error()) co_return refusal_of(session.error());
  const auto cancelled = co_await (*session)->calls.cancel(cascade_id);
  if (cancelled.has_error()) co_return refusal_of(cancelled.error(), true);
  // The language server's answer can be faster than the end of the turn in its stream.
  context.memory.with([&](auto& store, auto&, auto now) { store.show_cancelled(id, now); });
  co_return std::nullopt;
}

}  // namespace app
