// Hostile updates of a cascade: a stream of length-prefixed messages, reactive and agent state in turn. Nothing
// crashes, lists stay within their limit, and the texts that were told are those of the state.

#include <google/protobuf/stubs/logging.h>

#include <map>
#include <string>
#include <variant>

#include "cascade/core/cascade_view.hpp"
#include "cascade/core/step_kind.hpp"
#include "cascade/core/step_reducer.hpp"
#include "test/fuzz/cut.hpp"

namespace {

constexpr std::uint32_t max_length = 50;
constexpr cascade::view_limits limits{.diff = {.max_depth = 16, .max_length = max_length, .max_new_elements = 200},
                                      .max_bytes = 1 << 20};

class client {
 public:
  void hear(std::span<const cascade::event> events) {
    for (const cascade::event& event : events) {
      fuzz::check(!ended_, "nothing follows the end");
      if (const auto* delta = std::get_if<cascade::text_delta>(&event)) texts_[delta->step] += delta->text;
      if (const auto* anew = std::get_if<cascade::text_rewritten>(&event)) texts_[anew->step] = anew->text;
      ended_ = std::holds_alternative<cascade::finished>(event) || std::holds_alternative<cascade::failed>(event);
    }
  }

  void expect_texts_of(const exa::jetski_cortex_pb::CascadeState& state) {
    const auto& steps = state.trajectory().steps();
    fuzz::check(steps.size() <= static_cast<int>(max_length), "lists stay within their limit");
    if (ended_) return;
    for (int i = 0; i < steps.size(); ++i) {
      const bool reply = cascade::kind_of(steps[i]) == cascade::step_kind::reply;
      const std::string_view text = reply ? cascade::reply_text(steps[i]) : std::string_view{};
      fuzz::check(texts_[static_cast<std::uint32_t>(i)] == text, "what was told is the text");
    }
  }

 private:
  std::map<std::uint32_t, std::string> texts_;
  bool ended_ = false;
};

/// A message that does not parse ends the call before anyone sees it, so here it is an empty one.
template <class Message>
Message parse(std::string_view bytes) {
  Message message;
  const bool parsed = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return parsed ? message : Message();
}

/// protobuf reports every such message on stderr.
const google::protobuf::LogSilencer quiet;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input = fuzz::view(bytes, size);
  cascade::cascade_view view(limits);
  cascade::step_reducer reducer(0);
  client client;
  while (input.size() > 2) {
    const auto choice = static_cast<unsigned char>(input[0]);
    const auto length = static_cast<unsigned char>(input[1]) + 256u * (choice >> 4);
    const std::string_view message = input.substr(2, length);
    input.remove_prefix(2 + message.size());
    if (choice % 4 == 3) view.reset();
    if (choice % 2 == 0) {
      client.hear(reducer.apply(view.state(), view.apply(parse<cascade::cascade_view::agent_update>(message))));
    } else {
      const auto what = view.apply(parse<cascade::cascade_view::reactive_update>(message));
      client.hear(reducer.apply(view.state(), what ? *what : cascade::changes::all()));
    }
    client.expect_texts_of(view.state());
  }
  return 0;
}
