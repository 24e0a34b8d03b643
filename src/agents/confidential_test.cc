#include "agents/confidential.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sluice {
namespace {

TEST(Confidential, NamesOfColumnsThatHoldSecrets) {
  for (const char* name : {"password", "password_hash", "PasswordHash", "user_pwd", "api_key", "apiKey", "APIKEY", "access_key_id", "auth_token",
                           "SSN", "card_number", "iban", "client_secret", "salt", "pin", "private_key", "tax_id", "account_number", "account_no"})
    EXPECT_TRUE(is_confidential_name(name)) << name;
  for (const char* name : {"name", "key", "customer_id", "spin", "shopping", "passenger", "hashtag", "email", "keyword", "card", "api",
                           "account_type", "passing_yards", "opinion", "product_key", "number", ""})
    EXPECT_FALSE(is_confidential_name(name)) << name;
}

TEST(Confidential, NamesOfColumnsWhoseEndsTellOfPeople) {
  for (const char* name : {"phone", "phone_no", "homePhone", "zip", "zip_code", "postal_code", "dob", "birth_date", "date_of_birth", "BirthDate",
                           "born", "account", "passport_no"})
    EXPECT_TRUE(is_personal_name(name)) << name;
  for (const char* name : {"birth_rate", "year", "account_balance", "accounts", "date", "number", "zipped", "telescope", "age", ""})
    EXPECT_FALSE(is_personal_name(name)) << name;
}

TEST(Confidential, ValuesThatLookLikeSecrets) {
  for (const char* value :
       {"sk-proj-abcdefghijklmnop", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "AKIAIOSFODNN7EXAMPLE", "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2b$12$abcdefghijklmnopqrstuv", "eyJhbGciOiJIUzI1NiJ9.e30.abc", "-----BEGIN PRIVATE KEY-----", "a1b2c3d4e5f6g7h8i9j0k1l2"})
    EXPECT_TRUE(is_confidential_value(value)) << value;
  for (const char* value :
       {"Fixed wing multi engine", "2013-01-01T00:00:00.000000Z", "https://example.com/a1b2c3d4e5f6g7h8i9j0", "America/Argentina/Buenos_Aires",
        "ann.b3c4d5e6f7g8h9@example.com", "Donaudampfschifffahrtsgesellschaft", "B6", "737-7H4", "12345678901234567890123456789", ""})
    EXPECT_FALSE(is_confidential_value(value)) << value;
}

TEST(Confidential, ValuesAreTakenOutOfText) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"invalid input syntax for type integer: \"sk-proj-abcdefghijklmnop\"", "invalid input syntax for type integer: \"(not shown)\""},
      {"Key (api_key)=(ghp_16C7e42F292c6912E7710c838347Ae178B4a) already exists.", "Key (api_key)=((not shown)) already exists."},
      {"WHERE k = '5f4dcc3b5aa765d61d8327deb882cf99';", "WHERE k = '(not shown)';"},
      {"it was AKIAIOSFODNN7EXAMPLE.", "it was (not shown)."},
      {"token=eyJhbGciOiJIUzI1NiJ9.e30.abc, token:eyJhbGciOiJIUzI1NiJ9.e30.abc", "token=(not shown), token:(not shown)"},
      {"before -----BEGIN RSA PRIVATE KEY-----\nMIIE o=\n-----END RSA PRIVATE KEY----- behind", "before (not shown) behind"},
      {"'-----BEGIN PRIVATE KEY-----\\nMIIE", "'(not shown)"},
      {"ungültige Eingabesyntax für Typ integer: »9f86d081884c7d659a2feaa0c55ad015«", "ungültige Eingabesyntax für Typ integer: »(not shown)«"},
      {"syntaxe en entrée invalide : «\u00a0sk-proj-abcdefghijklmnop\u00a0»", "syntaxe en entrée invalide : «\u00a0(not shown)\u00a0»"},
      {"»sk-proj-abcdefghijklmnop«, „ghp_16C7e42F292c6912E7710c838347Ae178B4a“", "»(not shown)«, „(not shown)“"},
      {"two: sk-proj-abcdefghijklmnop sk-proj-abcdefghijklmnop", "two: (not shown) (not shown)"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(without_confidential_values(text), expected);
  for (const char* text :
       {"names: table \"ordrs\" is not in the catalog (did you mean \"orders\"?)", "SELECT date_trunc('month', \"t\".\"at\") FROM t -- ü … →",
        "see https://example.com/a1b2c3d4e5f6g7h8i9j0k1 or write to ann.b3c4d5e6f7g8h9@example.com", "at 2013-01-01T00:00:00.000000Z: nothing...", "",
        "::", "x=", "a\0b", "\xff\xfe broken"})
    EXPECT_EQ(without_confidential_values(text), text);
}

TEST(Confidential, WhatIsShownAnywayIsNotTakenOut) {
  const std::string name = "sales_2023q4_v2.total_q1_y2", text = "column " + name + " and sk-proj-abcdefghijklmnop";
  ASSERT_TRUE(is_confidential_value(name));
  const std::string catalog = "table " + name + " (…)";
  const std::vector<std::string_view> shown{"a", catalog};
  EXPECT_EQ(without_confidential_values(text), "column (not shown) and (not shown)");
  EXPECT_EQ(without_confidential_values(text, shown), "column " + name + " and (not shown)");
}

}  // namespace
}  // namespace sluice
