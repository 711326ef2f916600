#include "app/cascade_command.hpp"

#include <csignal>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "app/cascade_event.hpp"
#include "app/language_server.hpp"
#include "cascade/client.hpp"
#include "cascade/permission.hpp"
#include "cascade/update_stream.hpp"

namespace app {
namespace {

namespace ls = cascade::ls;
using cascade::rpc_result;

/// What one run of the command works with.
struct conversation {
  cascade::client& client;
  const cascade_command& asked;
  cascade_output to;
};

exit_code complain(const conversation& with, const cascade::rpc_failure& failure) {
  with.to.err << "zerogravity: the language server: " << to_string(failure) << '\n';
  return failure.code == cascade::rpc_errc::unavailable ? exit_code::unreachable : exit_code::failed;
}

asio::awaitable<std::optional<exa::codeium_common_pb::ModelOrAlias>> choose_model(conversation& with) {
  const auto models = co_await with.client.models();
  if (!models) {
    complain(with, models.error());
    co_return std::nullopt;
  }
  const exa::codeium_common_pb::ClientModelConfig* chosen = nullptr;
  for (const auto& each : models->client_model_configs()) {
    if (each.disabled()) continue;
    const bool wanted = with.asked.model.empty() ? each.is_recommended() : each.label() == with.asked.model;
    if (wanted || (chosen == nullptr && with.asked.model.empty())) chosen = &each;
    if (wanted) break;
  }
  if (chosen == nullptr) {
    with.to.err << "zerogravity: no model \"" << with.asked.model << "\"; there are:\n";
    for (const auto& each : models->client_model_configs()) with.to.err << "  " << each.label() << '\n';
    co_return std::nullopt;
  }
  co_return chosen->model_or_alias();
}

asio::awaitable<rpc_result<std::string>> cascade_id(conversation& with) {
  if (!with.asked.continue_id.empty())
    co_return rpc_result<std::string>(boost::system::in_place_value, with.asked.continue_id);
  ls::StartCascadeRequest request;
  request.set_source(exa::cortex_pb::CORTEX_TRAJECTORY_SOURCE_CASCADE_CLIENT);
  request.set_trajectory_type(exa::cortex_pb::CORTEX_TRAJECTORY_TYPE_CASCADE);
  auto started = co_await with.client.start_cascade(std::move(request));
  if (!started) co_return started.error();
  co_return rpc_result<std::string>(boost::system::in_place_value, started->cascade_id());
}

ls::SendUserCascadeMessageRequest message(const conversation& with, const std::string& id,
                                          const exa::codeium_common_pb::ModelOrAlias& model) {
  ls::SendUserCascadeMessageRequest request;
  request.set_cascade_id(id);
  request.add_items()->set_text(with.asked.text);
  request.set_client_type(ls::CLIENT_TYPE_IDE);
  auto* planner = request.mutable_cascade_config()->mutable_planner_config();
  *planner->mutable_requested_model() = model;
  planner->mutable_conversational();
  return request;
}

/// Answers a step that waits; one that cannot be answered ends the turn, since it would wait for ever.
asio::awaitable<void> permit(conversation& with, const std::string& id, const cascade::waiting& step) {
  const auto verdict = with.asked.allow ? cascade::permission::allow : cascade::permission::deny;
  with.to.err << (with.asked.allow ? "allowed: " : "denied: ") << step.name << ' ' << step.arguments << '\n';
  auto interaction = cascade::answer_to(step, verdict);
  if (!interaction) {
    with.to.err << "zerogravity: this kind of question cannot be answered here; the turn is cancelled\n";
    co_await with.client.cancel(id);
    co_return;
  }
  ls::HandleCascadeUserInteractionRequest request;
  request.set_cascade_id(id);
  *request.mutable_interaction() = std::move(*interaction);
  const auto answered = co_await with.client.answer_interaction(std::move(request));
  if (!answered) complain(with, answered.error());
}

asio::awaitable<exit_code> follow(conversation& with, const std::string& id, std::uint32_t first_step) {
  cascade::stream_kind_memory kinds;
  cascade::follow_options options;
  options.first_step = first_step;
  options.on_kind = [&with](cascade::stream_kind now, std::string_view why) {
    with.to.err << "now following by " << to_string(now) << ": " << why << '\n';
  };
  cascade::update_stream updates(with.client, id, kinds, std::move(options));
  cascade_printer printer(with.to, with.asked.json);
  for (;;) {
    const auto events = co_await updates.next();
    if (events.has_error()) {
      if (events.error() == asio::error::eof) co_return printer.ended_well() ? exit_code::ok : exit_code::failed;
      co_return complain(with, updates.failure());
    }
    std::optional<cascade::waiting> question;
    for (const auto& event : *events) {
      printer.print(event);
      if (const auto* waiting = std::get_if<cascade::waiting>(&event)) question = *waiting;
    }
    if (question) co_await permit(with, id, *question);
  }
}

asio::awaitable<exit_code> one_turn(conversation& with) {
  const auto model = co_await choose_model(with);
  if (!model) co_return exit_code::failed;
  const auto id = co_await cascade_id(with);
  if (!id) co_return complain(with, id.error());
  const auto before = co_await with.client.trajectory(*id);
  const std::uint32_t first_step = before ? before->num_total_steps() : 0;
  if (with.asked.json) {
    with.to.out << R"({"type":"cascade","id":")" << *id << "\"}" << std::endl;
  } else {
    with.to.err << "cascade " << *id << '\n';
  }
  const auto sent = co_await with.client.send_message(message(with, *id, *model));
  if (!sent) co_return complain(with, sent.error());

  using namespace asio::experimental::awaitable_operators;
  asio::signal_set interrupt(co_await asio::this_coro::executor, SIGINT, SIGTERM);
  const auto ended = co_await (follow(with, *id, first_step) || interrupt.async_wait(asio::use_awaitable));
  if (ended.index() == 0) co_return std::get<0>(ended);
  co_await with.client.cancel(*id);
  with.to.err << "\ncancelled\n";
  co_return exit_code::failed;
}

asio::awaitable<exit_code> list(conversation& with) {
  const auto all = co_await with.client.list();
  if (!all) co_return complain(with, all.error());
  for (const auto& [id, summary] : all->trajectory_summaries()) {
    if (with.asked.json) {
      with.to.out << boost::json::serialize(
                         boost::json::object{{"id", id}, {"title", summary.summary()}, {"steps", summary.step_count()}})
                  << '\n';
    } else {
      with.to.out << id << "  " << summary.step_count() << " steps  " << summary.summary() << '\n';
    }
  }
  co_return exit_code::ok;
}

asio::awaitable<exit_code> cancel(conversation& with) {
  const auto done = co_await with.client.cancel(with.asked.cancel_id);
  co_return done ? exit_code::ok : complain(with, done.error());
}

asio::awaitable<exit_code> run(cascade::server_address address, const cascade_command& asked, cascade_output to) {
  auto opened = cascade::channel::open(std::move(address));
  if (!opened) {
    to.err << "zerogravity: " << to_string(opened.error()) << '\n';
    co_return exit_code::unreachable;
  }
  cascade::client client(std::move(*opened));
  conversation with{client, asked, to};
  if (asked.list) co_return co_await list(with);
  if (!asked.cancel_id.empty()) co_return co_await cancel(with);
  co_return co_await one_turn(with);
}

}  // namespace

exit_code run_cascade(const cascade_command& asked, const std::filesystem::path& state_dir, cascade_output to) {
  auto address = read_language_server(state_dir);
  if (!address) {
    to.err << "zerogravity: " << address.error() << '\n';
    return exit_code::unreachable;
  }
  asio::io_context loop(1);
  exit_code code = exit_code::failed;
  asio::co_spawn(loop, run(std::move(*address), asked, to), [&code, &to](std::exception_ptr error, exit_code result) {
    code = result;
    try {
      if (error) std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
      to.err << "zerogravity: " << thrown.what() << '\n';
      code = exit_code::failed;
    }
  });
  loop.run();
  return code;
}

}  // namespace app
