#include "bench/push/push_service.hpp"

#include <chrono>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "bench/common/process_cost.hpp"
#include "bench/push/turn_script.hpp"

namespace bench {
namespace {

using update = exa::reactive_component_pb::StreamReactiveUpdatesResponse;
using writer_base = grpc::ServerWriteReactor<update>;

/// One subscription. It lives until both gRPC and the schedule have released it.
class writer final : public writer_base, public scheduled {
 public:
  writer(push_plan plan, pushing_server::counters& written)
      : plan_(plan), written_(written), script_(plan.earlier_bytes), left_(plan.records) {}

  void start(const std::shared_ptr<writer>& self, write_schedule& schedule) {
    const std::scoped_lock lock(mutex_);
    self_ = self;
    waiting_.push_back(script_.snapshot());
    advance();
    const auto every = static_cast<std::uint64_t>(plan_.every.count()) * 1000;
    due_ = monotonic_ns() + every + every * plan_.stream / plan_.streams;
    if (every != 0 && left_ > 0) schedule.add(due_, self);
  }

  std::uint64_t on_due() override {
    const std::scoped_lock lock(mutex_);
    if (left_ == 0 || ended_) return 0;
    --left_;
    waiting_.push_back(script_.next([] { return monotonic_ns(); }));
    advance();
    due_ += static_cast<std::uint64_t>(plan_.every.count()) * 1000;
    return left_ == 0 ? 0 : due_;
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (!std::exchange(in_snapshot_, false) && ok) {
      total_ += waiting_.front().ByteSizeLong();
      written_.bytes += waiting_.front().ByteSizeLong();
      ++written_.messages;
    }
    waiting_.pop_front();
    if (!ok) return end();
    if (plan_.every.count() == 0 && left_ > 0) {
      --left_;
      waiting_.push_back(script_.next([this] { return total_; }));
    }
    advance();
  }

  void OnCancel() override {
    const std::scoped_lock lock(mutex_);
    end();
  }

  void OnDone() override { const auto last = std::move(self_); }

 private:
  void advance() {
    if (writing_ || ended_ || waiting_.empty()) return;
    writing_ = true;
    StartWrite(&waiting_.front());
  }

  void end() {
    if (std::exchange(ended_, true)) return;
    Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the subscriber is gone"));
  }

  const push_plan plan_;
  pushing_server::counters& written_;
  std::mutex mutex_;
  turn_script script_;
  std::uint32_t left_;
  std::uint64_t due_ = 0;
  std::uint64_t total_ = 0;  // bytes that gRPC has accepted
  std::deque<update> waiting_;
  bool in_snapshot_ = true;
  bool writing_ = false;
  bool ended_ = false;
  std::shared_ptr<writer> self_;
};

class refusal final : public writer_base {
 public:
  explicit refusal(grpc::StatusCode why) { Finish(grpc::Status(why, "refused")); }
  void OnDone() override { delete this; }
};

bool has_token(const grpc::CallbackServerContext& at, const std::string& token) {
  const auto sent = at.client_metadata().find("x-codeium-csrf-token");
  return sent != at.client_metadata().end() && sent->second == token;
}

}  // namespace

push_service::push_service(pushing_server::counters& written, std::string token)
    : written_(written), token_(std::move(token)), identity_(sim::ls::make_certificate()) {
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({identity_.key_pem, identity_.chain_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  if (!server_ || port_ == 0) throw std::runtime_error("cannot listen");
}

push_service::~push_service() {
  server_->Shutdown(std::chrono::system_clock::now());
}

writer_base* push_service::StreamCascadeReactiveUpdates(grpc::CallbackServerContext* at, const request* asked) {
  if (!has_token(*at, token_)) return new refusal(grpc::StatusCode::UNAUTHENTICATED);
  const auto plan = push_plan::parse(asked->id());
  if (!plan) return new refusal(grpc::StatusCode::NOT_FOUND);
  auto opened = std::make_shared<writer>(*plan, written_);
  opened->start(opened, schedule_);
  return opened.get();
}

}  // namespace bench
