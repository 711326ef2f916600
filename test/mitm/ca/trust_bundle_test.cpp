#include "mitm/ca/trust_bundle.hpp"

#include <gmock/gmock.h>
#include <openssl/err.h>

#include "mitm/ca/atomic_file.hpp"
#include "mitm/ca/server_context.hpp"
#include "test/mitm/ca/fixtures.hpp"
#include "test/mitm/ca/tls_pair.hpp"

namespace mitm {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

class bundle : public testing::Test {
 protected:
  bundle() {
    write(scratch_ / "system.pem", "# a comment\n" + system_->certificate().pem());
    sources_ = {scratch_ / "system.pem", {}, ours_->certificate().pem()};
  }

  scratch_directory scratch_, one_, two_, three_;
  std::shared_ptr<const certificate_authority> ours_ = new_authority(one_.path(), std::chrono::system_clock::now());
  std::shared_ptr<const certificate_authority> system_ = new_authority(two_.path());
  std::shared_ptr<const certificate_authority> extra_ = new_authority(three_.path());
  bundle_sources sources_;
};

TEST_F(bundle, holds_the_systems_cas_the_extra_ones_and_ours) {
  write(scratch_ / "extra.pem", extra_->certificate().pem());
  sources_.extra = scratch_ / "extra.pem";
  EXPECT_EQ(compose_bundle(sources_).value(),
            system_->certificate().pem() + extra_->certificate().pem() + ours_->certificate().pem());
}

TEST_F(bundle, a_certificate_found_twice_is_written_once) {
  write(scratch_ / "extra.pem", system_->certificate().pem() + ours_->certificate().pem());
  sources_.extra = scratch_ / "extra.pem";
  EXPECT_EQ(compose_bundle(sources_).value(), system_->certificate().pem() + ours_->certificate().pem());
}

TEST_F(bundle, a_private_key_beside_an_extra_certificate_is_not_spread) {
  sources_.extra = three_ / "ca-key.pem";
  const std::string text = compose_bundle(sources_).value();
  EXPECT_THAT(text, HasSubstr(extra_->certificate().pem()));
  EXPECT_THAT(text, Not(HasSubstr("PRIVATE")));
}

TEST_F(bundle, a_source_without_a_certificate_or_with_a_damaged_one_is_an_error_that_names_it) {
  sources_.extra = scratch_ / "extra.pem";
  EXPECT_THAT(compose_bundle(sources_).error().message,
              HasSubstr("extra.pem: No such file or directory (mitm.upstream_ca_file)"));
  write(sources_.extra, "not PEM at all");
  EXPECT_THAT(compose_bundle(sources_).error().message, HasSubstr("extra.pem: it holds no certificate"));
  std::string damaged = extra_->certificate().pem();
  damaged[100] = '!';
  write(sources_.extra, damaged);
  EXPECT_THAT(compose_bundle(sources_).error().message, HasSubstr("extra.pem: certificate 1 is damaged"));
}

TEST_F(bundle, the_systems_file_is_found_where_none_is_configured) {
  bool present = false;
  for (const auto candidate : system_ca_files) present = present || fs::exists(candidate);
  if (!present) GTEST_SKIP() << "this system has no CA file";
  sources_.system.clear();
  EXPECT_GT(read_certificates(compose_bundle(sources_).value()).value().size(), 10u);
}

TEST_F(bundle, is_made_anew_only_when_a_source_has_changed) {
  const fs::path path = scratch_ / "bundle.pem";
  EXPECT_TRUE(refresh_bundle(path, sources_).value());
  EXPECT_THAT(read_small_file(path, links::refuse)->content, HasSubstr("# made from " + sources_.system.string()));
  EXPECT_THAT(read_small_file(path, links::refuse)->content,
              HasSubstr(system_->certificate().pem() + "# zerogravity's own\n" + ours_->certificate().pem()));
  EXPECT_FALSE(refresh_bundle(path, sources_).value());
  write(sources_.system, "# changed\n" + extra_->certificate().pem());
  EXPECT_TRUE(refresh_bundle(path, sources_).value());
  EXPECT_THAT(read_small_file(path, links::refuse)->content, HasSubstr(extra_->certificate().pem()));
  sources_.own_pem = system_->certificate().pem();
  EXPECT_TRUE(refresh_bundle(path, sources_).value());
  EXPECT_THAT(read_small_file(path, links::refuse)->content, Not(HasSubstr(ours_->certificate().pem())));
  sources_.extra = scratch_ / "missing.pem";
  EXPECT_TRUE(refresh_bundle(path, sources_).has_error());
}

TEST_F(bundle, another_ca_of_ours_takes_the_place_of_the_last_and_the_cas_of_others_are_not_read_again) {
  const fs::path path = scratch_ / "bundle.pem";
  ASSERT_TRUE(refresh_bundle(path, sources_).value());
  const std::string others(without_ours(content_of(path)));
  EXPECT_THAT(others, HasSubstr(system_->certificate().pem()));
  // As if the system's CAs had been read: they are kept as they are.
  write(path, others.substr(0, others.find('\n') + 1) + "kept\n# zerogravity's own\n" + ours_->certificate().pem());
  ::chmod(path.c_str(), 0644);
  sources_.own_pem = extra_->certificate().pem();
  EXPECT_TRUE(refresh_bundle(path, sources_).value());
  EXPECT_THAT(content_of(path), HasSubstr("kept\n# zerogravity's own\n" + extra_->certificate().pem()));
  EXPECT_THAT(content_of(path), Not(HasSubstr(ours_->certificate().pem())));
}

TEST_F(bundle, a_text_that_is_no_refreshed_bundle_has_no_part_of_others) {
  EXPECT_EQ(without_ours(system_->certificate().pem()), "");
  EXPECT_EQ(without_ours("# made from x\n" + system_->certificate().pem()), "");
  EXPECT_EQ(without_ours("# made from x\na\n# zerogravity's own\nb"), "# made from x\na\n# zerogravity's own\n");
}

TEST_F(bundle, is_world_readable_and_not_rewritten_when_nothing_changed) {
  const fs::path path = scratch_ / "combined.pem";
  EXPECT_TRUE(write_bundle(path, "content").value());
  EXPECT_EQ(mode_of(path), 0644u);
  EXPECT_FALSE(write_bundle(path, "content").value());
  ::chmod(path.c_str(), 0600);
  EXPECT_TRUE(write_bundle(path, "content").value()) << "others must be able to read it";
  EXPECT_EQ(mode_of(path), 0644u);
  EXPECT_TRUE(write_bundle(path, "other").value());
  EXPECT_EQ(content_of(path), "other");
}

TEST_F(bundle, a_planted_link_is_refused_even_if_it_leads_to_the_right_content) {
  const fs::path path = scratch_ / "combined.pem";
  ASSERT_TRUE(write_bundle(scratch_ / "real.pem", "content"));
  fs::create_symlink(scratch_ / "real.pem", path);
  EXPECT_THAT(write_bundle(path, "content").error().message, HasSubstr("symbolic link"));
  EXPECT_THAT(write_bundle(path, "other").error().message, HasSubstr("symbolic link"));
  EXPECT_EQ(content_of(scratch_ / "real.pem"), "content");
}

TEST_F(bundle, somebody_elses_file_in_a_sticky_directory_is_refused_and_our_own_is_replaced) {
  ::chmod(scratch_.path().c_str(), 01777);
  const fs::path path = scratch_ / "combined.pem";
  ASSERT_TRUE(write_bundle(path, "content"));
  ASSERT_TRUE(write_bundle(path, "other"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  EXPECT_THAT(write_bundle(path, "other").error().message, HasSubstr("belongs to user 65534"));
}

TEST_F(bundle, a_client_that_trusts_it_alone_accepts_our_leaf_and_one_that_trusts_the_system_alone_does_not) {
  const auto mint = leaf_mint::make(ours_).value();
  auto leaf = mint.mint(std::vector<std::string>{"api.openai.com"}, std::chrono::system_clock::now()).value();
  const auto server =
      server_identity::make(make_server_context().value(), std::move(leaf.certificate), mint.key()).value();
  const fs::path path = scratch_ / "combined.pem";
  ASSERT_TRUE(write_bundle(path, compose_bundle(sources_).value()));

  const auto trusting = new_client();
  ASSERT_EQ(SSL_CTX_load_verify_file(trusting.get(), path.c_str()), 1);
  tls_pair good{*server, trusting.get(), "api.openai.com"};
  EXPECT_TRUE(good.handshake()) << X509_verify_cert_error_string(SSL_get_verify_result(good.client()));
  EXPECT_EQ(good.server_says("hello"), "hello");
  tls_pair wrong_host{*server, trusting.get(), "chatgpt.com"};
  EXPECT_FALSE(wrong_host.handshake());

  const auto wary = new_client();
  ASSERT_EQ(SSL_CTX_load_verify_file(wary.get(), sources_.system.c_str()), 1);
  tls_pair refused{*server, wary.get(), "api.openai.com"};
  EXPECT_FALSE(refused.handshake());
  ERR_clear_error();
}

}  // namespace
}  // namespace mitm
