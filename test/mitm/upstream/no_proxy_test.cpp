#include "mitm/upstream/no_proxy.hpp"

#include <gtest/gtest.h>

namespace {

namespace ip = boost::asio::ip;

bool covers(const char* list, const char* name, const char* address = "0.0.0.0") {
  return mitm::no_proxy(list).covers(name, ip::make_address(address));
}

TEST(no_proxy, a_name_stands_for_itself_and_what_is_below_it) {
  for (const char* list : {"corp.example", ".corp.example", "*.corp.example", "CORP.example."}) {
    EXPECT_TRUE(covers(list, "corp.example")) << list;
    EXPECT_TRUE(covers(list, "git.corp.example")) << list;
    EXPECT_TRUE(covers(list, "Git.Corp.Example.")) << list;
    EXPECT_FALSE(covers(list, "notcorp.example")) << list;
    EXPECT_FALSE(covers(list, "corp.example.com")) << list;
    EXPECT_FALSE(covers(list, "")) << list;
  }
}

TEST(no_proxy, entries_are_separated_by_commas_and_spaces) {
  for (const char* list :
       {"a.example,b.example", "a.example, b.example", " a.example  b.example,", ",,a.example,,b.example"}) {
    EXPECT_TRUE(covers(list, "a.example")) << list;
    EXPECT_TRUE(covers(list, "b.example")) << list;
    EXPECT_FALSE(covers(list, "c.example")) << list;
  }
}

TEST(no_proxy, a_star_alone_stands_for_everything) {
  EXPECT_TRUE(covers("*", "api.openai.com"));
  EXPECT_TRUE(covers("a.example, *", "", "192.0.2.7"));
  EXPECT_FALSE(covers("*openai.com", "api.openai.com"));
}

TEST(no_proxy, an_address_or_a_network_is_compared_with_where_the_connection_goes) {
  EXPECT_TRUE(covers("192.0.2.7", "", "192.0.2.7"));
  EXPECT_TRUE(covers("192.0.2.7", "any.example", "192.0.2.7"));
  EXPECT_FALSE(covers("192.0.2.7", "", "192.0.2.8"));
  EXPECT_TRUE(covers("10.0.0.0/8", "", "10.255.0.1"));
  EXPECT_FALSE(covers("10.0.0.0/8", "", "11.0.0.1"));
  EXPECT_TRUE(covers("192.0.2.128/25", "", "192.0.2.200"));
  EXPECT_FALSE(covers("192.0.2.128/25", "", "192.0.2.100"));
  EXPECT_TRUE(covers("0.0.0.0/0", "", "8.8.8.8"));
  EXPECT_TRUE(covers("fd00::/8", "", "fd12::1"));
  EXPECT_FALSE(covers("fd00::/8", "", "fe80::1"));
  EXPECT_TRUE(covers("[2001:db8::1]", "", "2001:db8::1"));
  EXPECT_TRUE(covers("10.0.0.0/8", "", "::ffff:10.1.2.3"));
}

TEST(no_proxy, an_address_in_the_place_of_a_name_is_compared_as_an_address) {
  EXPECT_TRUE(covers("10.0.0.0/8", "10.1.2.3"));
  EXPECT_TRUE(covers("2001:db8::/32", "[2001:db8::5]"));
  EXPECT_FALSE(covers("3", "10.1.2.3"));
}

TEST(no_proxy, an_address_that_is_not_known_is_in_no_network) {
  EXPECT_FALSE(covers("0.0.0.0/0", "api.openai.com"));
}

TEST(no_proxy, what_makes_no_sense_covers_nothing) {
  for (const char* list : {"", ",", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "::/129", "."}) {
    EXPECT_FALSE(covers(list, "api.openai.com", "10.0.0.1")) << list;
  }
}

TEST(no_proxy, entries_beyond_the_limit_are_ignored) {
  std::string list;
  for (std::size_t i = 0; i < mitm::no_proxy::max_entries; ++i) list += "h" + std::to_string(i) + ".example,";
  EXPECT_TRUE(covers(list.c_str(), "h1023.example"));
  EXPECT_FALSE(covers((list + "last.example").c_str(), "last.example"));
}

}  // namespace
