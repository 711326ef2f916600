#include "mitm/rewrite/websocket_rewriter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test/support/scripted_rules.hpp"
#include "test/support/split.hpp"
#include "test/support/websocket_frames.hpp"

namespace {

namespace ws = support::websocket;
using mitm::side;
using net::wire::websocket_deflate;
using net::wire::websocket_opcode;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ws::form from_client = ws::from_client({});
constexpr websocket_deflate with_context{.on = true};
constexpr websocket_deflate without_context{.on = true, .keep_context = false};

/// A WebSocket between two peers, the rules between them, and what the tap is told.
class socket final : mitm::websocket_rewriter::sink {
 public:
  explicit socket(websocket_deflate deflate = {}, mitm::websocket_rewriter::limits bounds = {})
      : deflate_(deflate),
        sends_(deflate),
        rewriter_(rules_, mitm::socket_request({"GET", "/socket", 1, net::wire::header_fields("host: a\r\n")}),
                  {deflate, {}, false, {}}, support::fixed_mask, bounds, *this) {}

  /// As the client sends them.
  std::string message(std::string_view text) {
    std::string out;
    sends_.encode(websocket_opcode::text, true, text, net::wire::websocket_mask{'a', 'b', 'c', 'd'}, out);
    return out;
  }
  std::string message(std::string_view first, std::string_view second) {
    std::string out;
    sends_.encode(websocket_opcode::text, false, first, net::wire::websocket_mask{'a', 'b', 'c', 'd'}, out);
    sends_.encode(websocket_opcode::continuation, true, second, net::wire::websocket_mask{'e', 'f', 'g', 'h'}, out);
    return out;
  }

  void client(std::string_view bytes) { rewriter_.client(std::string(bytes)); }
  void server(std::string_view bytes) { rewriter_.server(std::string(bytes)); }
  void client_end() { rewriter_.client_end(); }
  std::size_t waiting() const { return rewriter_.waiting(); }

  /// What the origin reads of what it got.
  std::string read() const { return read(to_origin); }
  /// What the tap reads of the client's side.
  std::string seen() const { return read(shown); }

  std::string to_origin;
  std::string to_client;
  std::string shown;               // to the tap, of the client's side
  std::vector<std::string> notes;  // "rule: changes @ bytes that the tap had seen"

 private:
  void send(side sender, std::string_view bytes) override {
    ASSERT_FALSE(bytes.empty());
    (sender == side::downstream ? to_origin : to_client) += bytes;
    if (sender == side::downstream) shown += bytes;
  }
  void show(std::string_view frame) override { shown += frame; }
  void note(const mitm::rewrite_note& about) override {
    notes.push_back(about.rules + ": " + about.changes + " @ " + read(shown));
  }

  std::string read(const std::string& bytes) const {
    struct reader final : net::wire::websocket_decoder::sink {
      void on_message(bool text) override { told += text ? "[" : "[bin:"; }
      void on_content(std::string_view piece) override { told += piece; }
      void on_message_end(std::uint64_t) override { told += "]"; }
      void on_control(websocket_opcode opcode, std::string_view payload) override {
        told += opcode == websocket_opcode::close  ? "<close " + std::to_string(payload.size()) + ">"
                : opcode == websocket_opcode::ping ? "<ping " + std::string(payload) + ">"
                                                   : "<pong " + std::string(payload) + ">";
      }
      std::string told;
    } reader;
    net::wire::websocket_decoder decoder(net::wire::websocket_sender::client, deflate_);
    if (decoder.feed(bytes, reader).has_error()) reader.told += "(broken)";
    return reader.told;
  }

  websocket_deflate deflate_;
  net::wire::websocket_encoder sends_;
  support::scripted_rules rules_;
  mitm::websocket_rewriter rewriter_;
};

/// Runs `check` for every way to agree about compression.
template <class Check>
void for_each_deflate(Check check) {
  for (const auto& deflate : {websocket_deflate{}, with_context, without_context}) {
    SCOPED_TRACE(testing::Message() << "deflate " << deflate.on << ", context " << deflate.keep_context);
    check(deflate);
  }
}

TEST(websocket_rewriter, what_no_rule_changes_passes_byte_for_byte) {
  for_each_deflate([](websocket_deflate deflate) {
    socket whole(deflate);
    const std::string sent = whole.message("keep this") + ws::ping("x", from_client) + whole.message("keep", " more") +
                             ws::close("", from_client);
    support::for_each_split(sent, [&](const support::pieces& cut) {
      socket s(deflate);
      for (const auto piece : cut) s.client(piece);
      ASSERT_EQ(s.to_origin, sent) << support::describe(cut);
      ASSERT_EQ(s.shown, sent);
      ASSERT_THAT(s.notes, IsEmpty());
    });
  });
}

TEST(websocket_rewriter, a_wanted_message_is_held_until_it_is_whole) {
  socket s;
  const std::string frame = ws::text("keep", from_client);
  s.client(frame.substr(0, frame.size() - 1));
  EXPECT_EQ(s.to_origin, "");
  s.client(frame.substr(frame.size() - 1));
  EXPECT_EQ(s.to_origin, frame);
}

TEST(websocket_rewriter, binary_messages_pass_as_they_come) {
  socket s;
  const std::string frame = ws::binary("change", from_client);
  s.client(frame.substr(0, 8));
  EXPECT_EQ(s.to_origin, frame.substr(0, 8));
  s.client(frame.substr(8));
  EXPECT_EQ(s.to_origin, frame);
}

TEST(websocket_rewriter, a_changed_message_is_one_frame_with_a_mask_of_its_own) {
  socket s;
  s.client(ws::text("cha", ws::from_client(ws::part)) + ws::more("nge", from_client));
  EXPECT_EQ(s.read(), "[change!]");
  EXPECT_EQ(s.to_origin.substr(0, 6), "\x81\x87mask");
}

TEST(websocket_rewriter, a_changed_message_is_compressed_as_agreed) {
  for (const auto& deflate : {with_context, without_context}) {
    socket s(deflate);
    const std::string text = "change " + std::string(1000, 'a');
    s.client(s.message(text));
    EXPECT_EQ(s.read(), "[" + text + "!]");
    EXPECT_LT(s.to_origin.size(), 100u);
  }
}

TEST(websocket_rewriter, the_origin_reads_every_message_however_the_bytes_are_cut) {
  for_each_deflate([](websocket_deflate deflate) {
    socket whole(deflate);
    const std::string sent = whole.message("keep same words") + whole.message("change same words") +
                             whole.message("keep same ", "words") + ws::ping("x", from_client) +
                             whole.message("answer same words") + whole.message("change same words");
    const std::string expected = "[keep same words][change same words!][keep same words]<ping x>[change same words!]";
    support::for_each_split(sent, [&](const support::pieces& cut) {
      socket s(deflate);
      for (const auto piece : cut) s.client(piece);
      ASSERT_EQ(s.read(), expected) << support::describe(cut);
      ASSERT_EQ(s.seen(),
                "[keep same words][change same words!][keep same words]<ping x>[answer same words]"
                "[change same words!]");
    });
  });
}

TEST(websocket_rewriter, without_a_common_context_only_the_changed_message_is_made_anew) {
  for (const auto& deflate : {websocket_deflate{}, without_context}) {
    socket s(deflate);
    s.client(s.message("change"));
    s.to_origin.clear();
    const std::string next = s.message("keep", " this");
    s.client(next);
    EXPECT_EQ(s.to_origin, next);
  }
}

TEST(websocket_rewriter, behind_a_change_in_a_common_context_all_messages_are_made_anew) {
  socket s(with_context);
  s.client(s.message("change"));
  std::string binary;
  net::wire::websocket_encoder().encode(websocket_opcode::binary, true, std::string(40'000, 'b'),
                                        net::wire::websocket_mask{}, binary);
  s.client(binary);
  s.client(s.message("keep", " this"));
  EXPECT_EQ(s.read(), "[change!][bin:" + std::string(40'000, 'b') + "][keep this]");
}

TEST(websocket_rewriter, control_frames_pass_at_once_between_the_frames_of_a_held_message) {
  for_each_deflate([](websocket_deflate deflate) {
    socket s(deflate);
    const std::string ping = ws::ping("now", from_client);
    std::string first;
    net::wire::websocket_encoder encoder(deflate);
    encoder.encode(websocket_opcode::text, false, "chan", net::wire::websocket_mask{}, first);
    s.client(first + ping);
    EXPECT_EQ(s.to_origin, ping);
    std::string second;
    encoder.encode(websocket_opcode::continuation, true, "ge", net::wire::websocket_mask{}, second);
    s.client(second);
    EXPECT_EQ(s.read(), "<ping now>[change!]");
  });
}

TEST(websocket_rewriter, a_note_comes_right_before_its_message) {
  socket s;
  s.client(ws::text("keep", from_client) + ws::text("change", from_client) + ws::text("answer", from_client));
  EXPECT_THAT(s.notes, ElementsAre("changer: added ! @ [keep]", "blocker: blocked @ [keep][change!]"));
}

TEST(websocket_rewriter, an_answered_message_reaches_the_tap_and_not_the_origin) {
  for_each_deflate([](websocket_deflate deflate) {
    socket s(deflate);
    s.client(s.message("answer me"));
    EXPECT_EQ(s.to_origin, "");
    EXPECT_EQ(s.seen(), "[answer me]");
    EXPECT_EQ(s.to_client, ws::text("one") + ws::text("two"));
  });
}

TEST(websocket_rewriter, answers_wait_for_the_end_of_the_servers_message) {
  const std::string message = ws::text("a", ws::part) + ws::pong("p") + ws::more("b");
  const std::string answers = ws::text("one") + ws::text("two");
  for (std::size_t at = 0; at <= message.size(); ++at) {
    socket s;
    s.server(message.substr(0, at));
    s.client(ws::text("answer", from_client));
    const bool between = at == 0 || at == message.size();
    EXPECT_EQ(s.waiting(), between ? 0 : answers.size()) << at;
    const std::string rest = message.substr(at) + ws::text("c");
    s.server(rest);
    EXPECT_EQ(s.to_client, (at == 0 ? answers + message : message + answers) + ws::text("c")) << at;
  }
}

TEST(websocket_rewriter, behind_the_servers_close_there_is_no_answer) {
  socket s;
  s.server(ws::close());
  s.client(ws::text("answer", from_client));
  EXPECT_EQ(s.to_client, ws::close());
}

TEST(websocket_rewriter, a_message_over_the_limit_passes_as_it_came_and_is_noted) {
  for_each_deflate([](websocket_deflate deflate) {
    socket whole(deflate);
    const std::string sent = whole.message("change " + std::string(100, 'a')) + whole.message("change this");
    support::for_each_split(sent, [&](const support::pieces& cut) {
      socket s(deflate, {.message = 64});
      for (const auto piece : cut) s.client(piece);
      ASSERT_EQ(s.read(), "[change " + std::string(100, 'a') + "][change this!]") << support::describe(cut);
      ASSERT_THAT(s.notes, ElementsAre(HasSubstr("limits.rewrite_body @ "), HasSubstr("added !")));
    });
  });
}

TEST(websocket_rewriter, a_message_over_the_limit_behind_a_change_is_made_anew_in_parts) {
  socket whole(with_context);
  const std::string sent = whole.message("change") + whole.message("change " + std::string(40'000, 'a'));
  socket s(with_context, {.message = 64});
  s.client(sent);
  EXPECT_EQ(s.read(), "[change!][change " + std::string(40'000, 'a') + "]");
}

TEST(websocket_rewriter, a_message_that_the_budget_of_all_has_no_room_for_passes_and_is_noted) {
  net::memory_budget budget(256 * 1024);
  net::memory_budget::share others(&budget);
  ASSERT_TRUE(others.cover(128 * 1024));
  const std::string sent = ws::text("change" + std::string(100'000, 'a'), from_client);
  socket s({}, {.held = &budget});
  s.client(sent);
  EXPECT_EQ(s.to_origin, sent);
  EXPECT_THAT(s.notes, ElementsAre(HasSubstr("limits.held_bodies")));
  EXPECT_EQ(budget.used(), others.size());
  others.shrink_to(0);
  s.client(ws::text("change", from_client));
  EXPECT_THAT(s.read(), testing::EndsWith("[change!]"));
  EXPECT_EQ(budget.used(), 0u);
}

TEST(websocket_rewriter, what_breaks_the_protocol_passes_as_it_came) {
  socket s;
  const std::string sent = ws::text("cha", ws::from_client(ws::part)) + ws::text("change", from_client);
  s.client(sent + sent);
  EXPECT_EQ(s.to_origin, sent + sent);
  EXPECT_THAT(s.notes, ElementsAre(HasSubstr("cannot be followed")));
}

TEST(websocket_rewriter, too_many_fragments_pass_as_they_came) {
  socket s;
  std::string sent = ws::text("c", ws::from_client(ws::part));
  for (std::size_t count = 1; count <= net::wire::websocket_limits{}.fragments; ++count) {
    sent += ws::more("", ws::from_client(ws::part));
  }
  s.client(sent);
  EXPECT_EQ(s.to_origin, sent);
  EXPECT_THAT(s.notes, ElementsAre(HasSubstr("cannot be followed")));
}

TEST(websocket_rewriter, what_breaks_the_protocol_behind_a_change_in_a_common_context_closes_the_socket) {
  socket s(with_context);
  s.client(s.message("change") + ws::more("x", from_client) + s.message("keep"));
  EXPECT_EQ(s.read(), "[change!]<close 2>");
}

TEST(websocket_rewriter, a_truncated_message_passes_when_the_client_ends) {
  socket s;
  const std::string frame = ws::text("change", from_client);
  s.client(frame.substr(0, 9));
  s.client_end();
  EXPECT_EQ(s.to_origin, frame.substr(0, 9));
}

}  // namespace
