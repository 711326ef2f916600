#include "bench/api/direct_way.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bench/api/stamp_reader.hpp"
#include "bench/common/process_cost.hpp"

namespace bench {
namespace {

namespace asio = boost::asio;

exa::language_server_pb::StartCascadeRequest start_request() {
  exa::language_server_pb::StartCascadeRequest request;
  request.set_source(exa::cortex_pb::CORTEX_TRAJECTORY_SOURCE_CASCADE_CLIENT);
  request.set_trajectory_type(exa::cortex_pb::CORTEX_TRAJECTORY_TYPE_CASCADE);
  return request;
}

exa::language_server_pb::SendUserCascadeMessageRequest message(const std::string& cascade_id, std::string text) {
  exa::language_server_pb::SendUserCascadeMessageRequest request;
  request.set_cascade_id(cascade_id);
  request.add_items()->set_text(std::move(text));
  request.set_client_type(exa::language_server_pb::CLIENT_TYPE_IDE);
  auto* planner = request.mutable_cascade_config()->mutable_planner_config();
  planner->mutable_requested_model()->set_alias(exa::codeium_common_pb::MODEL_ALIAS_RECOMMENDED);
  planner->mutable_conversational();
  return request;
}

}  // namespace

direct_way::direct_way(const cascade::server_address& server) {
  auto opened = cascade::channel::open(server);
  if (opened.has_error()) throw std::runtime_error(opened.error().message);
  client_ = std::make_unique<cascade::client>(std::move(*opened));
}

direct_way::~direct_way() {
  // A chat that is under way refers to us.
  constexpr std::uint64_t patience = 10'000'000'000;
  told_ = {};
  wait(monotonic_ns() + patience, [this] { return under_way_ == 0; });
}

void direct_way::begin(std::size_t chat, const std::string& text, bool) {
  ++under_way_;
  asio::co_spawn(io_, talk(chat, text), [this](const std::exception_ptr& failed) {
    --under_way_;
    if (failed) std::rethrow_exception(failed);
  });
}

bool direct_way::wait(std::uint64_t due, const std::function<bool()>& done) {
  bool late = false;
  asio::steady_timer timer(io_, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due)));
  timer.async_wait([&late](boost::system::error_code) { late = true; });
  io_.restart();
  bool well = done();
  while (!well && !late) {
    io_.run_one();
    well = done();
  }
  // The handler refers to this frame.
  timer.cancel();
  while (!late) io_.run_one();
  return well;
}

asio::awaitable<std::string> direct_way::start(std::string text) {
  const auto started = co_await client_->start_cascade(start_request());
  if (started.has_error()) throw std::runtime_error(started.error().message);
  const auto sent = co_await client_->send_message(message(started->cascade_id(), std::move(text)));
  if (sent.has_error()) throw std::runtime_error(sent.error().message);
  co_return started->cascade_id();
}

asio::awaitable<void> direct_way::talk(std::size_t chat, std::string text) {
  cascade::update_stream updates(*client_, co_await start(std::move(text)), kinds_);
  for (;;) {
    const auto events = co_await updates.next();
    if (events.has_error()) break;
    tell(chat, *events);
  }
  const std::string why = updates.failure().message;
  co_await updates.close();
  if (!why.empty() && told_.on_lost) told_.on_lost(why);
  if (why.empty() && told_.on_end) told_.on_end(chat);
}

void direct_way::tell(std::size_t chat, std::span<const cascade::event> events) {
  const std::uint64_t now = monotonic_ns();
  for (const cascade::event& event : events) {
    const auto* said = std::get_if<cascade::text_delta>(&event);
    if (said == nullptr || !told_.on_stamp) continue;
    // A delta holds whole stamps: the simulator writes them whole.
    stamp_reader().feed(said->text, [&](std::uint64_t stamp) { told_.on_stamp(chat, stamp, now); });
  }
}

}  // namespace bench
