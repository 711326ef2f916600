#include "app/cascade_api/cascade_routes.hpp"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/cascade_api/cascade_request.hpp"
#include "app/http/body.hpp"
#include "app/http/error_answer.hpp"
#include "app/openai/errors.hpp"
#include "app/turns/cascade_event.hpp"
#include "cascade/core/step_kind.hpp"
#include "net/text/utf8.hpp"

namespace app {
namespace {

namespace json = boost::json;
namespace pb = exa::cortex_pb;

constexpr const char* cascade_id_header = "x-zerogravity-cascade-id";

/// Writes every event of the turn as a line. If the turn breaks off, an error event ends the stream.
asio::awaitable<stream_end> write_events(live_turn_ptr turn, api_stream& stream) {
  std::string lines = json::serialize(json::object{{"type", "cascade"}, {"id", turn->cascade_id()}}) + '\n';
  for (;;) {
    if ((co_await stream.write(lines)).has_error()) co_return stream_end::broken;
    const auto events = co_await turn->next();
    if (events.has_error()) {
      if (events.error() == asio::error::eof) co_return stream_end::whole;
      const auto refusal = refusal_of(turn->failure(), true);
      lines = json::serialize(
          json::object{{"type", "error"}, {"code", refusal.error.code}, {"message", refusal.error.message}});
      const auto sent = co_await stream.write(lines + '\n');
      co_return sent ? stream_end::whole : stream_end::broken;
    }
    lines.clear();
    for (const auto& each : *events) lines.append(cascade_event_json(each)).append("\n");
  }
}

asio::awaitable<api_response> run_turn(cascade_context& context, api_request request, std::string cascade_id) {
  auto read = co_await read_apart(request, [&] { return parse_turn_wish(request.body, context.permissions.granted); });
  if (read.has_error()) co_return read.error();
  auto& wish = *read;
  if (wish.has_error()) co_return to_response(wish.error());
  if (const auto refused = refuse_permissions(wish->permissions, context.permissions, request.with_key)) {
    co_return to_response(*refused);
  }
  const auto models = co_await context.models.current();
  if (models.has_error()) co_return to_response(models.error());
  const auto model = (*models)->choose(wish->model);
  if (model.has_error()) co_return to_response(model.error());

  cascade::turn_request wanted;
  wanted.cascade_id = std::move(cascade_id);
  wanted.text = std::move(wish->text);
  wanted.model = model->number;
  wanted.permissions = wish->permissions;
  wanted.limits = context.limits;
  auto turn = co_await context.turns.begin(std::move(wanted), std::move(request.request_id));
  if (turn.has_error()) co_return to_response(turn.error());
  api_response response;
  response.content_type = "application/x-ndjson";
  response.headers.emplace_back(cascade_id_header, (*turn)->cascade_id());
  response.stream = [turn = std::move(*turn)](api_stream& stream, api_response&) { return write_events(turn, stream); };
  co_return response;
}

asio::awaitable<api_response> list(cascade_context& context) {
  auto session = co_await context.servers.session();
  if (session.has_error()) co_return to_response(refusal_of(session.error()));
  const auto all = co_await (*session)->calls.list();
  if (all.has_error()) {
    context.servers.failed(**session, all.error());
    co_return to_response(refusal_of(all.error(), false));
  }
  json::array cascades;
  for (const auto& [id, summary] : all->trajectory_summaries()) {
    cascades.push_back(json::object{{"id", id},
                                    {"title", summary.summary()},
                                    {"steps", summary.step_count()},
                                    {"running", summary.status() == pb::CASCADE_RUN_STATUS_RUNNING},
                                    {"created_at", summary.created_time().seconds()}});
  }
  co_return api_response{.body = json::serialize(json::object{{"object", "list"}, {"data", std::move(cascades)}})};
}

/// The server says so of a step that does not wait, or no longer.
bool says_not_waiting(const cascade::rpc_failure& why) {
  return why.code == cascade::rpc_errc::unknown && why.message.find("not registered") != std::string::npos;
}

api_error step_not_waiting() {
  return {404, "invalid_request_error", "step_not_waiting", "No such step of the conversation waits for an answer.",
          "step"};
}

template <class Result>
api_response done(cascade_context& context, cascade::server_session& session, const std::string& id,
                  const Result& answer) {
  if (answer.has_error()) {
    context.servers.failed(session, answer.error());
    if (says_unknown(answer.error())) return to_response(openai::conversation_not_found(id));
    if (says_not_waiting(answer.error())) return to_response(step_not_waiting());
    return to_response(refusal_of(answer.error(), false));
  }
  return {.body = json::serialize(json::object{{"id", id}, {"ok", true}})};
}

asio::awaitable<api_response> cancel(cascade_context& context, std::string id) {
  auto session = co_await context.servers.session();
  if (session.has_error()) co_return to_response(refusal_of(session.error()));
  const auto answer = co_await (*session)->calls.cancel(id);
  co_return done(context, **session, id, answer);
}

/// Why the client may not allow the step. The language server, not the client, says what the step asks for.
asio::awaitable<std::optional<api_response>> refuse_to_allow(cascade_context& context, cascade::server_session& session,
                                                             std::string id, interaction_answer wish, bool with_key) {
  if (auto refused = refuse_allowing(wish.kind, context.permissions, with_key)) co_return to_response(*refused);
  const auto steps = co_await session.calls.steps(id, wish.step);
  if (steps.has_error()) {
    context.servers.failed(session, steps.error());
    if (says_unknown(steps.error())) co_return to_response(openai::conversation_not_found(id));
    co_return to_response(refusal_of(steps.error(), false));
  }
  if (steps->steps_size() == 0) co_return to_response(invalid_parameter("step", "The cascade has no such step."));
  const auto kind = cascade::interaction_of(steps->steps(0));
  if (kind == wish.kind) co_return std::nullopt;
  co_return to_response(
      invalid_parameter("kind", "The step asks for something else: " + std::string(to_string(kind)) + '.'));
}

asio::awaitable<api_response> interact(cascade_context& context, api_request asked, std::string id) {
  const auto read = co_await read_apart(asked, [&] { return parse_interaction(asked.body); });
  if (read.has_error()) co_return read.error();
  const auto& wish = *read;
  if (wish.has_error()) co_return to_response(wish.error());
  auto session = co_await context.servers.session();
  if (session.has_error()) co_return to_response(refusal_of(session.error()));
  if (wish->allow) {
    auto refused = co_await refuse_to_allow(context, **session, id, *wish, asked.with_key);
    if (refused) co_return std::move(*refused);
  }
  cascade::waiting step;
  step.step = wish->step;
  step.trajectory_id = wish->trajectory_id;
  step.kind = wish->kind;
  auto answer = cascade::answer_to(step, wish->allow);
  if (!answer)
    co_return to_response(invalid_parameter("kind", "Such a step cannot be answered; its turn can be cancelled."));
  cascade::ls::HandleCascadeUserInteractionRequest request;
  request.set_cascade_id(id);
  *request.mutable_interaction() = std::move(*answer);
  const auto sent = co_await (*session)->calls.answer_interaction(std::move(request));
  co_return done(context, **session, id, sent);
}

/// A route about one cascade. An id that is not UTF-8 names none, and the language server's messages cannot hold it.
template <class Work>
api_route about_cascade(std::string path, Work work) {
  auto handle = [work](api_request request) -> asio::awaitable<api_response> {
    auto id = request.arguments.front();
    if (!net::utf8::is_valid(id)) co_return to_response(openai::conversation_not_found(id));
    co_return co_await work(std::move(request), std::move(id));
  };
  return {"POST", std::move(path), std::move(handle), false, true};
}

}  // namespace

std::vector<api_route> cascade_routes(cascade_context& context) {
  std::vector<api_route> table;
  table.push_back({"GET", "/v1/cascades", [&context](api_request) { return list(context); }, false, true});
  table.push_back({"POST", "/v1/cascades",
                   [&context](api_request request) { return run_turn(context, std::move(request), {}); }, false, true});
  table.push_back(about_cascade("/v1/cascades/{id}/turns", [&context](api_request request, std::string id) {
    return run_turn(context, std::move(request), std::move(id));
  }));
  table.push_back(about_cascade("/v1/cascades/{id}/cancel",
                                [&context](api_request, std::string id) { return cancel(context, std::move(id)); }));
  table.push_back(about_cascade("/v1/cascades/{id}/interactions", [&context](api_request request, std::string id) {
    return interact(context, std::move(request), std::move(id));
  }));
  return table;
}

}  // namespace app
