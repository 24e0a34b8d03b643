#include "agents/confidential.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sluice
