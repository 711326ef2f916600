#include "mitm/alpn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using offer = std::vector<std::string>;

TEST(followable, is_what_the_client_offers_and_the_tap_understands) {
  EXPECT_THAT(mitm::followable(offer{"h2", "http/1.1"}), ElementsAre("http/1.1"));
  EXPECT_THAT(mitm::followable(offer{"http/1.1"}), ElementsAre("http/1.1"));
  EXPECT_THAT(mitm::followable(offer{}), IsEmpty());
}

TEST(only_unknown, is_an_offer_of_nothing_that_can_be_followed) {
  EXPECT_TRUE(mitm::only_unknown(offer{"h2"}));
  EXPECT_FALSE(mitm::only_unknown(offer{"h2", "http/1.1"}));
  EXPECT_FALSE(mitm::only_unknown(offer{})) << "no ALPN means HTTP/1.1";
}

}  // namespace
