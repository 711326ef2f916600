#include "mitm/policy/alpn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using offer = std::vector<std::string>;

TEST(followable, is_what_the_client_offers_and_the_tap_understands_in_the_clients_order) {
  EXPECT_THAT(mitm::followable(offer{"h2", "http/1.1"}), ElementsAre("h2", "http/1.1"));
  EXPECT_THAT(mitm::followable(offer{"http/1.1", "h2"}), ElementsAre("http/1.1", "h2"));
  EXPECT_THAT(mitm::followable(offer{"grpc-exp", "h2"}), ElementsAre("h2"));
  EXPECT_THAT(mitm::followable(offer{"http/1.1"}), ElementsAre("http/1.1"));
  EXPECT_THAT(mitm::followable(offer{"http/1.0"}), ElementsAre("http/1.0")) << "which HTTP/1.1 includes";
  EXPECT_THAT(mitm::followable(offer{}), IsEmpty());
}

TEST(only_unknown, is_an_offer_of_nothing_that_can_be_followed) {
  EXPECT_TRUE(mitm::only_unknown(offer{"acme-tls/1"}));
  EXPECT_FALSE(mitm::only_unknown(offer{"h2"}));
  EXPECT_FALSE(mitm::only_unknown(offer{"h3", "http/1.1"}));
  EXPECT_FALSE(mitm::only_unknown(offer{})) << "no ALPN means HTTP/1.1";
}

TEST(to_offer, is_what_can_be_followed_or_all_of_what_cannot) {
  EXPECT_THAT(mitm::to_offer(offer{"h3", "h2", "http/1.1"}), ElementsAre("h2", "http/1.1"));
  EXPECT_THAT(mitm::to_offer(offer{"foo", "bar"}), ElementsAre("foo", "bar"));
  EXPECT_THAT(mitm::to_offer(offer{}), IsEmpty());
}

TEST(without_origin, is_http1_for_all_who_speak_it) {
  EXPECT_EQ(mitm::without_origin(offer{}), "http/1.1");
  EXPECT_EQ(mitm::without_origin(offer{"h2", "http/1.1"}), "http/1.1");
  EXPECT_EQ(mitm::without_origin(offer{"h2"}), "h2");
  EXPECT_EQ(mitm::without_origin(offer{"http/1.0"}), "http/1.0");
  EXPECT_EQ(mitm::without_origin(offer{"foo"}), "http/1.1");
}

}  // namespace
