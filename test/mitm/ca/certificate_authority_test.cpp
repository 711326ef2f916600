#include "mitm/ca/certificate_authority.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <openssl/x509v3.h>

#include "net/pem.hpp"
#include "test/mitm/ca/fixtures.hpp"

namespace mitm {
namespace {

using namespace test;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

bool is_critical(X509* certificate, int nid) {
  const int position = X509_get_ext_by_NID(certificate, nid, -1);
  return position >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, position)) == 1;
}

TEST(certificate_authority, is_created_in_a_new_state_directory_with_the_key_readable_by_its_owner_only) {
  const scratch_directory scratch;
  const fs::path state = scratch / "state";
  ASSERT_TRUE(certificate_authority::open_or_create(ca_files::in(state), hosts, now));
  EXPECT_EQ(mode_of(state), 0755u);
  EXPECT_EQ(mode_of(state / "ca-key.pem"), 0600u);
  EXPECT_EQ(mode_of(state / "ca.pem"), 0644u);
  EXPECT_THAT(files_in(state), UnorderedElementsAre("ca-key.pem", "ca.pem"));
  EXPECT_THAT(content_of(state / "ca.pem"), testing::Not(HasSubstr("PRIVATE")));
}

TEST(certificate_authority, is_the_same_one_at_the_next_start) {
  const scratch_directory scratch;
  const auto first = new_authority(scratch.path());
  const auto second = new_authority(scratch.path(), now + 24h);
  EXPECT_EQ(first->certificate().fingerprint(), second->certificate().fingerprint());
  EXPECT_EQ(first->certificate().fingerprint().size(), 32 * 3 - 1u);
}

TEST(certificate_authority, is_a_p256_ca_that_can_sign_leaves_only) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  X509* certificate = ca->certificate().get();
  char group[32] = {};
  EVP_PKEY_get_group_name(ca->key(), group, sizeof group, nullptr);
  EXPECT_STREQ(group, "prime256v1");
  EXPECT_EQ(X509_get_version(certificate), X509_VERSION_3);
  EXPECT_EQ(X509_check_ca(certificate), 1);
  EXPECT_EQ(X509_get_pathlen(certificate), 0);
  EXPECT_EQ(X509_get_key_usage(certificate), unsigned{KU_KEY_CERT_SIGN | KU_CRL_SIGN});
  EXPECT_NE(X509_get0_subject_key_id(certificate), nullptr);
  for (const int nid : {NID_basic_constraints, NID_key_usage, NID_name_constraints}) {
    EXPECT_TRUE(is_critical(certificate, nid)) << OBJ_nid2sn(nid);
  }
  EXPECT_EQ(X509_verify(certificate, ca->key()), 1);
}

TEST(certificate_authority, is_valid_from_a_day_ago_for_a_year_in_all) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  EXPECT_EQ(ca->certificate().not_before(), now - 24h);
  EXPECT_EQ(ca->certificate().not_after(), now + 24h * 364);
}

TEST(certificate_authority, is_named_after_the_host_and_the_moment_it_was_created) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  EXPECT_THAT(ca->certificate().subject(),
              testing::MatchesRegex("CN=zerogravity CA .+ 20260203T040506Z,O=zerogravity"));
}

TEST(certificate_authority, permits_the_configured_hosts_and_excludes_all_addresses) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  EXPECT_THAT(ca->certificate().permitted(), ElementsAreArray(hosts));
  const net::name_constraints_ptr constraints{static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(ca->certificate().get(), NID_name_constraints, nullptr, nullptr))};
  ASSERT_EQ(sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees), 2);
  const int widths[] = {8, 32};
  for (int i = 0; i < 2; ++i) {
    const GENERAL_NAME* excluded = sk_GENERAL_SUBTREE_value(constraints->excludedSubtrees, i)->base;
    ASSERT_EQ(excluded->type, GEN_IPADD);
    const std::string range(reinterpret_cast<const char*>(ASN1_STRING_get0_data(excluded->d.iPAddress)),
                            static_cast<std::size_t>(ASN1_STRING_length(excluded->d.iPAddress)));
    EXPECT_EQ(range, std::string(static_cast<std::size_t>(widths[i]), '\0'));
  }
}

TEST(certificate_authority, covers_the_permitted_subtrees_and_names_what_it_lacks) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  const ca_certificate& certificate = ca->certificate();
  EXPECT_TRUE(certificate.covers("api.openai.com"));
  EXPECT_TRUE(certificate.covers("a.b.googleapis.com"));
  EXPECT_TRUE(certificate.covers("*.googleapis.com"));
  EXPECT_FALSE(certificate.covers("openai.com"));
  EXPECT_FALSE(certificate.covers("evilchatgpt.com"));
  const std::vector<std::string> wider{"chatgpt.com", "api.anthropic.com", "openai.com", "x.googleapis.com"};
  const auto missing = certificate.uncovered(wider);
  EXPECT_THAT(missing, ElementsAre("api.anthropic.com", "openai.com"));
  EXPECT_THAT(narrower_than_configured(missing), HasSubstr("api.anthropic.com, openai.com"));
  EXPECT_THAT(narrower_than_configured(missing), HasSubstr("zerogravity ca rotate"));
  EXPECT_THAT(narrower_than_configured({}), IsEmpty());
  const std::vector<std::string> many(11, "x.example");
  EXPECT_THAT(narrower_than_configured(many), HasSubstr("x.example and 3 more hosts, whose"));
}

TEST(certificate_authority, is_never_made_anew_because_the_list_grew) {
  const scratch_directory scratch;
  const auto before = new_authority(scratch.path());
  const std::vector<std::string> wider{"api.openai.com", "example.org"};
  const auto after = certificate_authority::open_or_create(ca_files::in(scratch.path()), wider, now).value();
  EXPECT_EQ(after.certificate().fingerprint(), before->certificate().fingerprint());
  EXPECT_THAT(after.certificate().uncovered(wider), ElementsAre("example.org"));
}

TEST(certificate_authority, without_a_host_there_is_no_ca) {
  const scratch_directory scratch;
  const auto made = certificate_authority::open_or_create(ca_files::in(scratch.path()), {}, now);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("no host is configured"));
  EXPECT_THAT(files_in(scratch.path()), IsEmpty());
}

TEST(certificate_authority, a_key_that_others_can_read_is_refused_with_the_command_to_run) {
  const scratch_directory scratch;
  new_authority(scratch.path());
  const fs::path key = scratch / "ca-key.pem";
  for (const mode_t mode : {0640u, 0604u, 0660u, 0610u}) {
    ::chmod(key.c_str(), mode);
    const auto loaded = certificate_authority::load(ca_files::in(scratch.path()), now);
    ASSERT_FALSE(loaded) << std::oct << mode;
    EXPECT_THAT(loaded.error().message, HasSubstr("chmod 600 " + key.string()));
    EXPECT_THAT(loaded.error().message, HasSubstr("mode 06"));
  }
  ::chmod(key.c_str(), 0400);
  EXPECT_TRUE(certificate_authority::load(ca_files::in(scratch.path()), now));
}

TEST(certificate_authority, a_key_that_is_a_link_or_somebody_elses_is_refused) {
  const scratch_directory scratch;
  new_authority(scratch.path());
  fs::rename(scratch / "ca-key.pem", scratch / "elsewhere");
  fs::create_symlink(scratch / "elsewhere", scratch / "ca-key.pem");
  const auto linked = certificate_authority::open_or_create(ca_files::in(scratch.path()), hosts, now);
  EXPECT_THAT(linked.error().message, HasSubstr("symbolic link"));
  if (::geteuid() != 0) return;
  fs::rename(scratch / "elsewhere", scratch / "ca-key.pem");
  ASSERT_EQ(::chown((scratch / "ca-key.pem").c_str(), 65534, 65534), 0);
  const auto foreign = certificate_authority::load(ca_files::in(scratch.path()), now);
  EXPECT_THAT(foreign.error().message, HasSubstr("belongs to user 65534"));
}

TEST(certificate_authority, an_expired_one_is_refused_and_says_how_to_go_on) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  const auto files = ca_files::in(scratch.path());
  EXPECT_TRUE(certificate_authority::load(files, ca->certificate().not_after() - 1s));
  const auto loaded = certificate_authority::load(files, ca->certificate().not_after());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("expired on 2027-02-02T04:05:06Z"));
  EXPECT_THAT(loaded.error().message, HasSubstr("zerogravity ca rotate"));
}

std::string key_part(const std::string& pem) {
  return pem.substr(0, pem.find("-----BEGIN CERTIFICATE"));
}

TEST(certificate_authority, a_key_of_another_certificate_is_refused) {
  const scratch_directory one, two;
  new_authority(one.path());
  new_authority(two.path());
  write(one / "ca-key.pem", key_part(content_of(two / "ca-key.pem")) + content_of(one / "ca.pem"));
  const auto loaded = certificate_authority::load(ca_files::in(one.path()), now);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("not that of the certificate"));
  EXPECT_THAT(loaded.error().message, HasSubstr("ca-key.pem"));
}

TEST(certificate_authority, a_damaged_key_file_is_an_error_and_is_left_alone) {
  const scratch_directory scratch;
  new_authority(scratch.path());
  const std::string whole = content_of(scratch / "ca-key.pem");
  for (const std::string& damaged : {std::string{}, key_part(whole), whole.substr(0, whole.size() / 2),
                                     content_of(scratch / "ca.pem"), whole.substr(0, whole.size() - 30)}) {
    write(scratch / "ca-key.pem", damaged);
    EXPECT_FALSE(certificate_authority::open_or_create(ca_files::in(scratch.path()), hosts, now)) << damaged;
    EXPECT_EQ(content_of(scratch / "ca-key.pem"), damaged);
  }
}

TEST(certificate_authority, an_unconstrained_ca_in_its_place_is_refused) {
  const scratch_directory scratch;
  const net::key_ptr key = make_key();
  const net::x509_ptr certificate = begin_certificate(key.get(), {now - 1h, now + 1h});
  add_name_entry(X509_get_subject_name(certificate.get()), "CN", "any name you like");
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  write(scratch / "ca-key.pem", net::to_pem(key.get()) + net::to_pem(certificate.get()));
  ::chmod((scratch / "ca-key.pem").c_str(), 0600);
  const auto loaded = certificate_authority::load(ca_files::in(scratch.path()), now);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("not constrained"));
}

TEST(certificate_authority, the_published_certificate_is_mended_after_a_crash_between_the_files) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  fs::remove(scratch / "ca.pem");
  ASSERT_TRUE(certificate_authority::load(ca_files::in(scratch.path()), now));
  EXPECT_EQ(content_of(scratch / "ca.pem"), ca->certificate().pem());
  write(scratch / "ca.pem", "that of the one before");
  ASSERT_TRUE(certificate_authority::load(ca_files::in(scratch.path()), now));
  EXPECT_EQ(content_of(scratch / "ca.pem"), ca->certificate().pem());
}

TEST(certificate_authority, a_mended_certificate_is_said) {
  const scratch_directory scratch;
  const auto ca = new_authority(scratch.path());
  EXPECT_EQ(ca->mended(), "");
  fs::remove(scratch / "ca.pem");
  EXPECT_THAT(certificate_authority::load(ca_files::in(scratch.path()), now)->mended(),
              HasSubstr("ca.pem was missing"));
  write(scratch / "ca.pem", "junk");
  EXPECT_THAT(certificate_authority::load(ca_files::in(scratch.path()), now)->mended(),
              HasSubstr("ca.pem was damaged"));
  EXPECT_EQ(certificate_authority::load(ca_files::in(scratch.path()), now)->mended(), "");
}

TEST(certificate_authority, a_certificate_without_its_key_is_refused_with_the_two_ways_out_and_left_alone) {
  const scratch_directory scratch;
  new_authority(scratch.path());
  const auto certificate = content_of(scratch / "ca.pem");
  fs::remove(scratch / "ca-key.pem");
  const auto refused = certificate_authority::open_or_create(ca_files::in(scratch.path()), hosts, now);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr((scratch / "ca-key.pem").string() + " is missing"));
  EXPECT_THAT(refused.error().message, HasSubstr("restore it from a backup"));
  EXPECT_THAT(refused.error().message, HasSubstr("zerogravity ca rotate"));
  EXPECT_EQ(content_of(scratch / "ca.pem"), certificate);
  EXPECT_FALSE(fs::exists(scratch / "ca-key.pem"));
}

TEST(certificate_authority, the_certificate_of_another_ca_than_the_keys_is_refused_and_left_alone) {
  const scratch_directory scratch;
  const scratch_directory other;
  new_authority(scratch.path());
  new_authority(other.path());
  const auto foreign = content_of(other / "ca.pem");
  write(scratch / "ca.pem", foreign);
  const auto refused = certificate_authority::load(ca_files::in(scratch.path()), now);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("certificate of another CA than the key"));
  EXPECT_THAT(refused.error().message, HasSubstr("rm " + (scratch / "ca.pem").string()));
  EXPECT_EQ(content_of(scratch / "ca.pem"), foreign);
}

TEST(certificate_authority, a_crash_in_the_middle_of_a_rotation_is_mended_without_a_word) {
  const scratch_directory scratch;
  new_authority(scratch.path());
  const auto before = content_of(scratch / "ca.pem");
  ASSERT_TRUE(
      certificate_authority::rotate(ca_files::in(scratch.path()), std::vector<std::string>{"example.com"}, now));
  const auto after = content_of(scratch / "ca.pem");
  write(scratch / "ca.pem", before);
  ASSERT_TRUE(certificate_authority::load(ca_files::in(scratch.path()), now));
  EXPECT_EQ(content_of(scratch / "ca.pem"), after);
}

TEST(certificate_authority, rotation_makes_a_new_key_and_keeps_the_old_files) {
  const scratch_directory scratch;
  const auto old = new_authority(scratch.path());
  const std::string old_key = content_of(scratch / "ca-key.pem");
  const auto files = ca_files::in(scratch.path());
  const std::vector<std::string> wider{"api.openai.com", "example.org"};
  const auto fresh = certificate_authority::rotate(files, wider, now + 1h).value();
  EXPECT_NE(fresh.certificate().fingerprint(), old->certificate().fingerprint());
  EXPECT_EQ(EVP_PKEY_eq(fresh.key(), old->key()), 0);
  EXPECT_THAT(fresh.certificate().permitted(), ElementsAreArray(wider));
  EXPECT_EQ(content_of(scratch / "ca-key.pem.old"), old_key);
  EXPECT_EQ(mode_of(scratch / "ca-key.pem.old"), 0600u);
  EXPECT_EQ(content_of(scratch / "ca.pem.old"), old->certificate().pem());
  EXPECT_EQ(content_of(scratch / "ca.pem"), fresh.certificate().pem());
  const auto loaded = certificate_authority::load(files, now + 1h).value();
  EXPECT_EQ(loaded.certificate().fingerprint(), fresh.certificate().fingerprint());
  EXPECT_EQ(ca_certificate::load(files.certificate).value().fingerprint(), fresh.certificate().fingerprint());
}

TEST(certificate_authority, rotation_works_from_nothing_and_from_an_expired_one) {
  const scratch_directory scratch;
  const auto files = ca_files::in(scratch.path());
  EXPECT_TRUE(certificate_authority::rotate(files, hosts, now));
  EXPECT_TRUE(certificate_authority::rotate(files, hosts, now + 24h * 500));
  EXPECT_TRUE(certificate_authority::load(files, now + 24h * 500));
}

TEST(certificate_authority, many_that_start_at_once_end_up_with_the_same_ca) {
  const scratch_directory scratch;
  std::vector<std::string> fingerprints(4);
  {
    std::vector<std::jthread> starters;
    for (std::string& mine : fingerprints) {
      starters.emplace_back([&] { mine = new_authority(scratch.path())->certificate().fingerprint(); });
    }
  }
  EXPECT_THAT(fingerprints, testing::Each(fingerprints.front()));
  EXPECT_THAT(files_in(scratch.path()), UnorderedElementsAre("ca-key.pem", "ca.pem"));
}

}  // namespace
}  // namespace mitm
