#pragma once

// A conversation over one connection and what its tracker has to make of it, as one fluent script:
//
//   script().down("GET / HTTP/1.1\r\n\r\n").expect(request("GET /"), request_end())
//           .up("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").expect(response(200), body("hi"), completed())
//           .run();
//
// run() plays it with each block whole, with each block cut at every byte position, and in pieces of 1, 2 and 7 bytes.
// Every time the transcript must be the same; where it is not, the failure shows a diff of the whole conversation.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "mitm/tap/exchange_tracker.hpp"
#include "test/support/exchange_lines.hpp"
#include "test/support/line_diff.hpp"
#include "test/support/split.hpp"
#include "test/support/transcript.hpp"

namespace support {

template <class Tracker>
class basic_script {
 public:
  using tracker = Tracker;
  using script = basic_script;
  using bounds = typename tracker::limits;

  explicit basic_script(bounds limits = {}, std::source_location where = std::source_location::current())
      : bounds_(limits), where_(where) {}
  basic_script(const script&) = delete;
  script& operator=(const script&) = delete;
  ~basic_script() { EXPECT_TRUE(ran_) << "a script that was not run proves nothing: " << where_.line(); }

  script& down(std::string bytes) { return block(mitm::side::downstream, std::move(bytes)); }
  script& up(std::string bytes) { return block(mitm::side::upstream, std::move(bytes)); }
  script& end_down() {
    return step("downstream ends",
                [](tracker& t, const pieces&, transcript&) { t.observe_end(mitm::side::downstream); });
  }
  script& end_up() {
    return step("upstream ends", [](tracker& t, const pieces&, transcript&) { t.observe_end(mitm::side::upstream); });
  }
  script& close(mitm::exchange_outcome outcome, const std::string& cause) {
    return step("close: " + cause, [=](tracker& t, const pieces&, transcript&) { t.close(outcome, cause); });
  }

  /// What the taps have been told since the step before, and no more.
  template <class... Lines>
  script& expect(Lines... expected) {
    for (auto& line : lines{std::move(expected)...}) expected_.push_back(std::move(line));
    return *this;
  }

  /// The connection is in that phase, with that many open exchanges, and may be answered by ourselves or not.
  script& expect_state(typename tracker::phase phase, std::size_t open, bool may_answer) {
    expected_.push_back(state(phase, open, may_answer));
    steps_.push_back({{}, {}, [](tracker& t, const pieces&, transcript& heard) {
                        heard.add(state(t.current(), t.open(), t.may_answer()));
                      }});
    return *this;
  }

  /// The origin's connection may, or may not, serve another client now.
  script& expect_reusable(bool expected) {
    const auto line = [](bool reusable) { return std::string("    ") + (reusable ? "reusable" : "not reusable"); };
    expected_.push_back(line(expected));
    steps_.push_back({{}, {}, [line](tracker& t, const pieces&, transcript& heard) {
                        heard.add(line(t.reusable_for(std::chrono::minutes(1)) != std::chrono::milliseconds(0)));
                      }});
    return *this;
  }

  /// Exchanges of that target are of no interest to the observer.
  script& ignoring(std::string target) {
    ignored_ = std::move(target);
    return *this;
  }

  void run() {
    ran_ = true;
    bool good = plays({}, "every block whole");
    for (const std::size_t size : {1, 2, 7}) {
      const auto cut = [=](std::size_t, std::string_view bytes) { return pieces_of(bytes, size); };
      good = good && plays(cut, "in pieces of " + std::to_string(size));
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (std::size_t at = 1; good && at < steps_[i].bytes.size(); ++at) {
        const auto cut = [=](std::size_t step, std::string_view bytes) {
          return step == i ? pieces{bytes.substr(0, at), bytes.substr(at)} : pieces{bytes};
        };
        good = plays(cut, "step " + std::to_string(i + 1) + " cut at " + std::to_string(at));
      }
    }
  }

 private:
  struct action {
    std::string title;
    std::string bytes;
    std::function<void(tracker&, const pieces&, transcript&)> play;
  };
  using cutter = std::function<pieces(std::size_t step, std::string_view bytes)>;

  script& step(std::string title, decltype(action::play) play, std::string bytes = {}) {
    expected_.push_back(title);
    steps_.push_back({std::move(title), std::move(bytes), std::move(play)});
    return *this;
  }

  script& block(mitm::side from, std::string bytes) {
    const std::string title = (from == mitm::side::downstream ? "down " : "up ") + escaped(bytes);
    const auto play = [from](tracker& t, const pieces& cut, transcript&) {
      for (const std::string_view piece : cut) t.observe(from, std::string(piece));
    };
    return step(title, play, std::move(bytes));
  }

  lines conversation(const cutter& cut) const {
    transcript heard(ignored_);
    tracker played(heard, bounds_);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const action& each = steps_[i];
      if (!each.title.empty()) heard.add(each.title);
      each.play(played, cut ? cut(i, each.bytes) : pieces{each.bytes}, heard);
    }
    lines actual = heard.take();
    played.close(mitm::exchange_outcome::failed, "the script is over");
    return actual;
  }

  bool plays(const cutter& cut, const std::string& how) const {
    const lines actual = conversation(cut);
    if (actual == expected_) return true;
    ADD_FAILURE_AT(where_.file_name(), static_cast<int>(where_.line()))
        << "played " << how << " (- expected, + actual):\n"
        << line_diff(expected_, actual);
    return false;
  }

  bounds bounds_;
  std::source_location where_;
  std::string ignored_;
  std::vector<action> steps_;
  lines expected_;
  bool ran_ = false;
};

using script = basic_script<mitm::exchange_tracker>;

}  // namespace support
