#pragma once

// A fake language server that offers two models and says "Hello" in every turn, and the routes that drive it on a
// loopback port. For the tests of OpenAI's API and of the cascade API.

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "app/cascade_api/cascade_routes.hpp"
#include "app/openai_api/openai_routes.hpp"
#include "app/turns/language_server.hpp"
#include "test/app/http/api_user.hpp"
#include "test/cascade/core/turn_state.hpp"
#include "test/mitm/ca/fixtures.hpp"
#include "test/support/fake_language_server.hpp"
#include "test/support/message_differ.hpp"
#include "test/support/run.hpp"
#include "test/support/until.hpp"

namespace app {

/// The state of a cascade at one moment of a turn, step by step.
class told_state {
 public:
  using state = exa::jetski_cortex_pb::CascadeState;

  /// `turns` are over.
  told_state(const std::string& id, int turns) {
    now_.set_cascade_id(id);
    now_.mutable_trajectory()->set_trajectory_id("trajectory");
    for (int i = 0; i < turns; ++i) step(support::user_step()).says("before", true);
    step(support::user_step());
    now_.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_RUNNING);
  }

  told_state& step(gemini_coder::Step one) {
    *now_.mutable_trajectory()->add_steps() = std::move(one);
    return *this;
  }
  told_state& says(std::string text, bool whole = false, std::string thinking = {}) {
    return step(support::reply_step(
        std::move(text),
        whole ? exa::cortex_pb::CORTEX_STEP_STATUS_DONE : exa::cortex_pb::CORTEX_STEP_STATUS_GENERATING,
        std::move(thinking)));
  }
  told_state& calls_tool(exa::cortex_pb::CortexStepStatus status) {
    return step(support::tool_call_step("run_command", status));
  }
  /// The turn ends in an error, such as "RESOURCE_EXHAUSTED (code 429): slow down".
  told_state& fails(const std::string& words) {
    gemini_coder::Step error;
    error.set_type(exa::cortex_pb::CORTEX_STEP_TYPE_ERROR_MESSAGE);
    error.set_status(exa::cortex_pb::CORTEX_STEP_STATUS_DONE);
    error.mutable_error_message()->mutable_error()->set_short_error(words);
    return step(std::move(error)).over();
  }
  told_state& costs(std::uint64_t input, std::uint64_t output) {
    auto& call = *now_.mutable_trajectory()->add_generator_metadata();
    call.add_step_indices(last());
    auto& usage = *call.mutable_chat_model()->mutable_usage();
    usage.set_response_id("r");
    usage.set_input_tokens(input);
    usage.set_output_tokens(output);
    return *this;
  }
  told_state& over() {
    now_.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_IDLE);
    return *this;
  }
  told_state& ends_by(exa::cortex_pb::ExecutorTerminationReason reason) {
    now_.mutable_executor_metadata()->set_termination_reason(reason);
    now_.mutable_executor_metadata()->set_last_step_idx(static_cast<int>(last()));
    return over();
  }

  const state& now() const { return now_; }

 private:
  std::uint32_t last() const { return static_cast<std::uint32_t>(now_.trajectory().steps_size() - 1); }

  state now_;
};

/// A fake language server whose turns go by a script. Base of fixtures: all of it is for their tests.
class scripted_server {
 protected:
  using fake = test::fake_language_server;
  using ls_message = test::ls::SendUserCascadeMessageRequest;
  /// What a turn tells, one state after the other. `begun` has the user's words.
  using script = std::function<std::vector<told_state>(told_state begun)>;

  scripted_server() {
    offer_models();
    run_turns();
  }
  ~scripted_server() { fake_.die(); }  // before what it is scripted with

  /// The service is to attach to it.
  void attach(config& values, const std::filesystem::path& certificate_file) const {
    auto& section = values.language_server;
    section.mode = server_mode::attach;
    section.address = fake_.address().target;
    section.csrf_token = fake_.token;
    section.certificate_file = certificate_file;
    mitm::test::write(certificate_file, fake_.address().certificate_pem);
  }

  /// The messages that the language server was sent.
  std::vector<ls_message> messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
  }
  ls_message message() const { return messages().back(); }
  std::string text() const { return message().items(0).text(); }
  /// The cascades whose turn it was told to end.
  std::vector<std::string> cancelled() const {
    std::lock_guard lock(mutex_);
    return cancelled_;
  }
  /// The answers to steps that asked for permission.
  std::vector<exa::cortex_pb::CascadeUserInteraction> answers() const {
    std::lock_guard lock(mutex_);
    return answers_;
  }

  /// Tells more of the turn that was begun last.
  void tell(const told_state& next) {
    std::lock_guard lock(mutex_);
    tell_locked(next);
  }
  told_state begun() const {
    std::lock_guard lock(mutex_);
    return begun_locked();
  }

  fake fake_;
  script says_ = [](told_state begun) {
    auto first = begun;
    return std::vector{first.says("Hel"), begun.says("Hello", true).over()};
  };
  script when_cancelled_ = [](const told_state&) { return std::vector<told_state>(); };
  script when_answered_ = [](const told_state&) { return std::vector<told_state>(); };

 private:
  void offer_models() {
    fake_.models = [](const auto&, auto& response) {
      const auto offer = [&](const char* label, int number, bool images) {
        auto& model = *response.add_client_model_configs();
        model.set_label(label);
        model.mutable_model_or_alias()->set_model(static_cast<exa::codeium_common_pb::Model>(number));
        model.set_supports_images(images);
      };
      offer("Tester (High)", 1001, false);
      offer("Tester (Low)", 1002, true);
      return grpc::Status::OK;
    };
  }

  void run_turns() {
    fake_.start_cascade = [this](const auto&, auto& response) {
      std::lock_guard lock(mutex_);
      response.set_cascade_id("c-" + std::to_string(turns_.size() + 1));
      turns_[response.cascade_id()] = 0;
      return grpc::Status::OK;
    };
    fake_.trajectory = [this](const auto& request, auto& response) -> grpc::Status {
      std::lock_guard lock(mutex_);
      const auto found = turns_.find(request.cascade_id());
      if (found == turns_.end()) {
        return {grpc::StatusCode::UNKNOWN, "trajectory not found: " + request.cascade_id()};
      }
      response.set_status(exa::cortex_pb::CASCADE_RUN_STATUS_IDLE);
      response.set_num_total_steps(static_cast<std::uint32_t>(2 * found->second));
      return grpc::Status::OK;
    };
    fake_.send_message = [this](const auto& request, auto&) {
      std::lock_guard lock(mutex_);
      messages_.push_back(request);
      return grpc::Status::OK;
    };
    fake_.cancel = [this](const auto& request, auto&) {
      std::lock_guard lock(mutex_);
      cancelled_.push_back(request.cascade_id());
      for (const auto& each : when_cancelled_(begun_locked())) tell_locked(each);
      return grpc::Status::OK;
    };
    fake_.interaction = [this](const auto& request, auto&) {
      std::lock_guard lock(mutex_);
      answers_.push_back(request.interaction());
      for (const auto& each : when_answered_(begun_locked())) tell_locked(each);
      return grpc::Status::OK;
    };
    fake_.reactive = [this](const auto& request, auto stream) {
      std::lock_guard lock(mutex_);
      cascade_ = request.id();
      stream_ = std::move(stream);
      version_ = 0;
      last_ = {};
      for (const auto& each : says_({cascade_, turns_[cascade_]++})) tell_locked(each);
    };
  }

  void tell_locked(const told_state& next) {
    fake::reactive_response response;
    response.set_version(++version_);
    *response.mutable_diff() = support::message_differ(1, false).diff(last_, next.now());
    stream_->write(std::move(response));
    last_ = next.now();
  }

  told_state begun_locked() const {
    const auto found = turns_.find(cascade_);
    return {cascade_, found == turns_.end() ? 0 : found->second - 1};
  }

  mutable std::mutex mutex_;  // guards the rest
  std::vector<ls_message> messages_;
  std::vector<std::string> cancelled_;
  std::vector<exa::cortex_pb::CascadeUserInteraction> answers_;
  std::map<std::string, int> turns_;  // of each cascade
  std::string cascade_;               // whose stream is the last
  fake::reactive_stream stream_;
  told_state::state last_;
  std::uint64_t version_ = 0;
};

class turns_fixture : public testing::Test, protected scripted_server, protected api_user {
 protected:
  turns_fixture() {
    values_.state_dir = scratch_.path();
    attach(values_, scratch_ / "server.pem");
  }

  ~turns_fixture() override {
    if (!serving_) return;
    test::run(pool_, serving_->api.drain(milliseconds(0)));
    test::run(pool_, serving_->server.stop());
    serving_.reset();
  }

  /// Serves all routes, once the language server is known to answer.
  void start(bool with_server = true) {
    auto plan = language_server::plan(values_);
    ASSERT_TRUE(plan.has_value()) << plan.error();
    serving_ = std::make_unique<serving>(pool_, values_, std::move(*plan), log_, api_);
    serving_->server.start();
    ASSERT_TRUE(serving_->api.listen({{{asio::ip::address_v4::loopback(), 0}}}).has_value());
    serving_->api.serve();
    address_ = serving_->api.addresses().tcp.front();
    if (with_server) test::until([this] { return serving_->server.readiness().ok; });
  }

  /// Ends the API as the end of the service does.
  std::future<void> drain(milliseconds limit) {
    return asio::co_spawn(pool_.strand(), serving_->api.drain(limit), asio::use_future);
  }

  mitm::test::scratch_directory scratch_;
  config values_;
  logger log_{log_level::error, log_format::json};
  api_settings api_;  // beside its routes

 private:
  struct serving {
    serving(net::worker_pool& pool, const config& values, cascade::supervisor_options plan, logger& log,
            api_settings settings)
        : server(pool, values, std::move(plan), log),
          turns(server.dispatcher(), server.leaving(), nullptr, server.turn_log()),
          openai(server.dispatcher(), turns, server.models(), values),
          cascades{server.dispatcher(),
                   turns,
                   server.models(),
                   {values.language_server.permissions, values.api.permissions == permission_source::client},
                   values.language_server.turn},
          api(pool, with_routes(std::move(settings))) {}

    api_settings with_routes(api_settings settings) {
      settings.routes = openai_routes(openai);
      for (auto& each : cascade_routes(cascades)) settings.routes.push_back(std::move(each));
      return settings;
    }

    language_server server;
    turn_starter turns;
    openai_context openai;
    cascade_context cascades;
    api_server api;
  };

  net::worker_pool pool_{2};
  std::unique_ptr<serving> serving_;
};

}  // namespace app
