#include "app/run/channel.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

namespace app::run {
namespace {

struct note {
  int number = 0;
};

TEST(channel, messages_arrive_whole_and_in_order) {
  auto ends = channel::make();
  ASSERT_TRUE(ends);
  EXPECT_TRUE(ends->first.send(note{1}));
  EXPECT_TRUE(ends->first.send(note{2}));
  EXPECT_EQ(ends->second.receive<note>()->number, 1);
  EXPECT_EQ(ends->second.receive<note>()->number, 2);
}

TEST(channel, descriptors_are_handed_over_and_closed_on_exec) {
  auto ends = channel::make();
  ASSERT_TRUE(ends);
  std::vector<net::descriptor> handed_over;
  handed_over.emplace_back(::open("/dev/null", O_RDWR));
  handed_over.emplace_back(::open("/dev/zero", O_RDONLY));
  ASSERT_TRUE(ends->first.send(note{}, handed_over));
  std::vector<net::descriptor> received;
  ASSERT_TRUE(ends->second.receive<note>(&received));
  ASSERT_EQ(received.size(), 2u);
  char byte = 1;
  EXPECT_EQ(::read(received[1].get(), &byte, 1), 1);
  EXPECT_EQ(byte, 0);
  EXPECT_EQ(::fcntl(received[0].get(), F_GETFD), FD_CLOEXEC);
}

TEST(channel, more_descriptors_than_a_message_holds_are_refused) {
  auto ends = channel::make();
  ASSERT_TRUE(ends);
  const std::vector<net::descriptor> too_many(max_handed_over + 1);
  EXPECT_FALSE(ends->first.send(note{}, too_many));
}

TEST(channel, the_end_of_the_peer_is_no_message) {
  auto ends = channel::make();
  ASSERT_TRUE(ends);
  ends->first.close();
  EXPECT_FALSE(ends->second.receive<note>());
  EXPECT_FALSE(ends->second.send(note{}));
}

}  // namespace
}  // namespace app::run
