#include "app/linux/netlink_message.hpp"

#include <cstring>

#include <arpa/inet.h>
#include <linux/netlink.h>

namespace app::run {

void netlink_messages::begin_raw(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> header) {
  message_ = bytes_.size();
  const nlmsghdr head{0, type, static_cast<std::uint16_t>(flags | NLM_F_REQUEST), ++sequence_, 0};
  if ((flags & NLM_F_ACK) != 0) ++acknowledged_;
  append(std::as_bytes(std::span(&head, 1)));
  append(header);
  pad();
  fix_length();
}

void netlink_messages::put(std::uint16_t attribute, std::span<const std::byte> value) {
  const nlattr head{static_cast<std::uint16_t>(sizeof(nlattr) + value.size()), attribute};
  append(std::as_bytes(std::span(&head, 1)));
  append(value);
  pad();
  fix_length();
}

void netlink_messages::put_text(std::uint16_t attribute, std::string_view text) {
  std::vector<std::byte> value(text.size() + 1);
  std::memcpy(value.data(), text.data(), text.size());
  put(attribute, value);
}

void netlink_messages::put_network(std::uint16_t attribute, std::uint32_t value) {
  put_host(attribute, htonl(value));
}

void netlink_messages::put_host(std::uint16_t attribute, std::uint32_t value) {
  put(attribute, std::as_bytes(std::span(&value, 1)));
}

std::size_t netlink_messages::open_nest(std::uint16_t attribute) {
  const std::size_t begin = bytes_.size();
  put(static_cast<std::uint16_t>(attribute | NLA_F_NESTED), {});
  return begin;
}

void netlink_messages::close_nest(std::size_t begin) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - begin);
  std::memcpy(&bytes_[begin], &length, sizeof length);
}

void netlink_messages::append(std::span<const std::byte> more) {
  bytes_.insert(bytes_.end(), more.begin(), more.end());
}

void netlink_messages::pad() {
  bytes_.resize((bytes_.size() + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO);
}

void netlink_messages::fix_length() {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - message_);
  std::memcpy(&bytes_[message_], &length, sizeof length);
}

}  // namespace app::run
