#include "app/openai_api/responses_socket.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <utility>

#include "app/base/random_id.hpp"
#include "app/base/wall_clock.hpp"
#include "app/http/body.hpp"
#include "app/http/error_answer.hpp"
#include "app/openai/client_event.hpp"
#include "app/openai/errors.hpp"
#include "app/openai/responses_writer.hpp"
#include "app/openai_api/openai_reply.hpp"
#include "app/openai_api/openai_turn.hpp"
#include "app/openai_api/response_cancel.hpp"

namespace app {
namespace {

/// Sends each line as a message.
class line_sender final : public api_stream {
 public:
  explicit line_sender(web_socket& socket) : socket_(socket) {}

  asio::awaitable<net::result<void>> write(std::string_view lines) override {
    while (!lines.empty()) {
      const auto line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
      begun_ = true;
      if (auto sent = co_await socket_.write(line); sent.has_error()) co_return sent;
    }
    co_return net::result<void>();
  }
  void write_now(std::string_view) override {}
  bool begun() const override { return begun_; }

 private:
  web_socket& socket_;
  bool begun_ = false;
};

/// A response.create without a turn: the next one continues it.
struct prepared_request {
  std::string id;  // of the response that it was answered with; empty: none
  openai::turn_request request;
  net::memory_budget::share held{};
};

class responses_socket : public std::enable_shared_from_this<responses_socket> {
 public:
  responses_socket(openai_context& context, web_socket& socket, net::background_pool* apart)
      : context_(context), socket_(socket), apart_(apart) {}

  asio::awaitable<void> serve() {
    for (;;) {
      auto message = co_await socket_.read();
      if (message.has_error()) co_return;
      co_await take(std::move(*message));
    }
  }

 private:
  struct running_turn {
    std::string response_id{};  // empty: it waits for a place
    std::string cascade_id{};
    bool cancelled = false;
  };
  using running_turns = std::map<std::string, running_turn>;  // by stream_id

  asio::awaitable<void> take(web_socket::message message);
  asio::awaitable<void> take(openai::response_create create, api_request carrier);
  asio::awaitable<void> take(openai::response_cancel cancel, const std::string& stream_id);
  std::optional<api_response> refusal_of(const openai::response_create& create) const;
  asio::awaitable<void> prepare(openai::turn_request request, net::memory_budget::share held);
  static asio::awaitable<void> run(std::shared_ptr<responses_socket> self, openai::turn_request request,
                                   api_request carrier);
  asio::awaitable<std::optional<api_response>> answer(openai::turn_request request, api_request carrier);
  asio::awaitable<std::optional<turn_refusal>> cancel(running_turns::iterator which);
  std::optional<known_turn> known(openai::turn_request& request) const;
  void remember(const std::string& id, known_turn turn);
  asio::awaitable<void> tell(const api_response& refusal, const std::string& stream_id);

  openai_context& context_;
  web_socket& socket_;
  net::background_pool* apart_;
  running_turns turns_;
  std::deque<std::pair<std::string, known_turn>> remembered_;  // by the id of their response; the last in front
  prepared_request prepared_;
};

asio::awaitable<void> responses_socket::tell(const api_response& refusal, const std::string& stream_id) {
  // A client that has gone is noticed by the reader.
  co_await socket_.write(openai::error_event(refusal.status, refusal.body, refusal.headers, stream_id));
}

asio::awaitable<void> responses_socket::take(web_socket::message message) {
  if (message.binary) {
    co_return co_await tell(to_response(bad_request("A message must be text: binary ones have no meaning here.")), {});
  }
  api_request carrier;
  carrier.body = std::move(message.text);
  carrier.held = std::move(message.held);
  carrier.apart = apart_;
  carrier.request_id = random_id("req_");
  auto read = co_await read_apart(carrier,
                                  [&] { return openai::parse_client_event(carrier.body, context_.settings.requests); });
  if (read.has_error()) co_return co_await tell(read.error(), {});
  auto& [stream_id, what] = *read;
  if (const auto* wrong = std::get_if<api_error>(&what)) {
    co_await tell(to_response(turn_refusal{*wrong}), stream_id);
  } else if (auto* create = std::get_if<openai::response_create>(&what)) {
    co_await take(std::move(*create), std::move(carrier));
  } else {
    co_await take(std::get<openai::response_cancel>(std::move(what)), stream_id);
  }
}

/// Why it cannot be begun now.
std::optional<api_response> responses_socket::refusal_of(const openai::response_create& create) const {
  const auto& stream_id = create.request.stream_id;
  if (socket_.leaving()) return overloaded("The connection is about to end: open another one.");
  if (turns_.contains(stream_id)) return to_response(turn_refusal{openai::response_in_progress(stream_id)});
  if (turns_.size() < context_.settings.socket_turns) return std::nullopt;
  return to_response(turn_refusal{openai::rate_limited("one WebSocket has " + std::to_string(turns_.size()) +
                                                       " turns at once (openai.socket_turns)")});
}

asio::awaitable<void> responses_socket::take(openai::response_create create, api_request carrier) {
  if (const auto refused = refusal_of(create)) co_return co_await tell(*refused, create.request.stream_id);
  if (!create.generate) co_return co_await prepare(std::move(create.request), std::move(carrier.held));
  turns_.emplace(create.request.stream_id, running_turn{});
  socket_.busy(true);
  socket_.spawn(run(shared_from_this(), std::move(create.request), std::move(carrier)));
}

asio::awaitable<void> responses_socket::take(openai::response_cancel cancel, const std::string& stream_id) {
  const auto which = cancel.response_id
                         ? std::ranges::find_if(
                               turns_, [&](const auto& each) { return each.second.response_id == *cancel.response_id; })
                         : turns_.find(stream_id);
  std::optional<turn_refusal> refused;
  if (which != turns_.end()) {
    refused = co_await this->cancel(which);
  } else if (cancel.response_id) {
    refused = co_await cancel_response(context_, std::move(*cancel.response_id));
  } else {
    refused = turn_refusal{openai::missing_parameter("response_id")};
  }
  if (refused) co_await tell(to_response(*refused), stream_id);
}

asio::awaitable<std::optional<turn_refusal>> responses_socket::cancel(running_turns::iterator which) {
  auto& [response_id, cascade_id, cancelled] = which->second;
  cancelled = true;
  if (response_id.empty()) co_return std::nullopt;  // answer() sees it
  context_.memory.with([&](auto& store, auto&, auto now) { static_cast<void>(store.cancel(response_id, now)); });
  co_return co_await cancel_turn(context_, response_id, cascade_id);
}

/// Costs nothing, so it says so.
asio::awaitable<void> responses_socket::prepare(openai::turn_request request, net::memory_budget::share held) {
  if (!prepared_.id.empty() && request.previous_response_id == prepared_.id) {
    continue_prepared(request, prepared_.request);
  }
  prepared_ = {random_id("resp_"), std::move(request), std::move(held)};
  const auto& kept = prepared_.request;
  const auto now = unix_seconds();
  openai::responses_writer writer({prepared_.id, now, kept.model, {}, kept.metadata, kept.stream_id}, kept.echo,
                                  {.stream = true, .framing = openai::event_framing::lines});
  std::string out;
  writer.begin(out);
  writer.end(openai::finish_reason::stop, openai::token_counts{}, now, out);
  line_sender lines(socket_);
  co_await lines.write(out);
}

asio::awaitable<void> responses_socket::run(std::shared_ptr<responses_socket> self, openai::turn_request request,
                                            api_request carrier) {
  const auto stream_id = request.stream_id;
  std::optional<api_response> refused;
  std::exception_ptr fault;
  try {
    refused = co_await self->answer(std::move(request), std::move(carrier));
  } catch (...) {
    fault = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return;  // the client has gone
  self->turns_.erase(stream_id);
  if (fault) refused = to_response(server_error());
  if (refused) co_await self->tell(*refused, stream_id);
  if (self->turns_.empty()) self->socket_.busy(false);
  if (fault) std::rethrow_exception(fault);
}

/// Returns the answer of a turn that has not begun.
asio::awaitable<std::optional<api_response>> responses_socket::answer(openai::turn_request request,
                                                                      api_request carrier) {
  auto previous = known(request);
  const auto resolved = context_.memory.with(
      [&](auto& store, auto&, auto now) { return openai::resolve_references(request, store, now); });
  if (resolved.has_error()) co_return to_response(turn_refusal{resolved.error()});
  const auto begun = co_await begin_openai_turn(context_, request, carrier, std::move(previous));
  if (begun.has_error()) co_return to_response(begun.error());
  carrier = {};
  const auto turn = *begun;
  const auto id = random_id("resp_");
  const auto here = turns_.find(request.stream_id);
  here->second.response_id = id;
  here->second.cascade_id = turn->cascade_id();
  if (here->second.cancelled) co_await cancel(here);
  line_sender lines(socket_);
  api_response instead;
  auto instructions = request.instructions;
  openai_reply_parts parts{context_, std::move(request), turn, id, unix_seconds(), openai::event_framing::lines};
  const auto ended = co_await responses_events(std::move(parts), lines, instead);
  if (ended == stream_end::instead) co_return instead;
  remember(id, {turn->cascade_id(), turn->steps(), std::move(instructions)});
  co_return std::nullopt;
}

/// What the request continues, if it was said on this socket. A prepared request becomes a part of it.
std::optional<known_turn> responses_socket::known(openai::turn_request& request) const {
  if (request.previous_response_id && request.previous_response_id == prepared_.id) {
    continue_prepared(request, prepared_.request);
  }
  if (!request.previous_response_id) return std::nullopt;
  const auto found =
      std::ranges::find(remembered_, *request.previous_response_id, &std::pair<std::string, known_turn>::first);
  return found == remembered_.end() ? std::nullopt : std::optional(found->second);
}

/// The store has those that are to be stored. It may have dropped them, and a socket continues its last in any case.
void responses_socket::remember(const std::string& id, known_turn turn) {
  remembered_.emplace_front(id, std::move(turn));
  if (remembered_.size() > context_.settings.socket_turns) remembered_.pop_back();
}

}  // namespace

asio::awaitable<void> serve_responses_socket(openai_context& context, web_socket& socket, api_request upgrade) {
  co_await std::make_shared<responses_socket>(context, socket, upgrade.apart)->serve();
}

}  // namespace app
