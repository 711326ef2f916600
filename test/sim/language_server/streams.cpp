#include "test/sim/language_server/streams.hpp"

#include "test/sim/language_server/updates.hpp"

namespace sim::ls {
namespace {

bool rests(const transcript& of) {
  return of.status == cortex::CASCADE_RUN_STATUS_IDLE && of.fully_idle.value_or(true);
}

class reactive_writer final : public update_stream_writer<reactive_response> {
 public:
  reactive_writer(std::shared_ptr<live_cascade> cascade, std::string id, const switches& asked)
      : update_stream_writer(std::move(cascade), std::move(id)),
        ends_after_turn_(asked.end_stream_after_turn),
        loses_one_(asked.version_gap && this->cascade().take_version_gap()) {}

 private:
  static constexpr std::uint64_t lost_version = 3;

  bool fill(reactive_response& out, const transcript* from, const transcript& to) override {
    static const transcript nothing;
    *out.mutable_diff() = reactive_diff(from ? *from : nothing, to);
    if (out.diff().field_diffs().empty()) return false;
    out.set_version(++version_);
    if (ends_after_turn_ && from && !rests(*from) && rests(to)) stop(grpc::Status::OK);
    return !(loses_one_ && version_ == lost_version);
  }

  bool ends_after_turn_;
  bool loses_one_;
  std::uint64_t version_ = 0;
};

class agent_writer final : public update_stream_writer<agent_response> {
 public:
  using update_stream_writer::update_stream_writer;

 private:
  bool fill(agent_response& out, const transcript* from, const transcript& to) override {
    static const transcript nothing;
    auto& update = *out.mutable_update();
    update = agent_update(from ? *from : nothing, to, from == nullptr);
    return !from || update.has_main_trajectory_update() || update.status() != 0 || update.has_fully_idle();
  }
};

}  // namespace

grpc::ServerWriteReactor<reactive_response>* reactive_stream(std::shared_ptr<live_cascade> cascade,
                                                             std::string subscriber_id, const switches& asked) {
  auto* stream = new reactive_writer(std::move(cascade), "reactive " + std::move(subscriber_id), asked);
  stream->start();
  return stream;
}

grpc::ServerWriteReactor<agent_response>* agent_stream(std::shared_ptr<live_cascade> cascade,
                                                       std::string subscriber_id) {
  auto* stream = new agent_writer(std::move(cascade), "agent " + std::move(subscriber_id));
  stream->start();
  return stream;
}

}  // namespace sim::ls
