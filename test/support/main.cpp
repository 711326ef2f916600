#include <gmock/gmock.h>

#include "net/openssl_exit.hpp"

int main(int count, char** words) {
  net::keep_openssl_until_exit();
  testing::InitGoogleMock(&count, words);
  return RUN_ALL_TESTS();
}
