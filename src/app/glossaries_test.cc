#include "app/glossaries.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "workflow/memory_journal.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

class GlossariesTest : public testing::Test {
 protected:
  GlossariesTest() {
    fs::create_directories(folder_);
    config_.connections = {{.name = "shop"}, {.name = "crm"}};
    config_.glossary = (folder_ / "glossary.yml").string();
  }
  ~GlossariesTest() override { fs::remove_all(folder_); }
  void write(const std::string& text) const { std::ofstream(config_.glossary) << text; }

  fs::path folder_ = fs::temp_directory_path() / ("sluice-glossaries-test-" + std::to_string(getpid()));
  Config config_{};
  MemoryArtifacts artifacts_{};
  Glossaries glossaries_{config_, artifacts_};
};

TEST_F(GlossariesTest, WithoutAFileNothingIsRecorded) {
  EXPECT_EQ(*glossaries_.record("shop"), "");
  EXPECT_TRUE((*glossaries_.load(""))->empty());
  config_.glossary_named = true;
  EXPECT_EQ(glossaries_.record("shop").error().code, "E0709");
}

TEST_F(GlossariesTest, WhatWasRecordedStaysWhenTheFileChanges) {
  write("terms:\n- {term: client, means: customers}\n- {term: deal, means: sales, connections: crm}\n");
  const std::string shop = *glossaries_.record("shop"), crm = *glossaries_.record("crm");
  EXPECT_NE(shop, crm);
  write("terms:\n- {term: client, means: accounts}\n");
  EXPECT_NE(*glossaries_.record("shop"), shop);
  EXPECT_EQ((*glossaries_.load(shop))->terms.at(0).means, "customers");
  EXPECT_EQ((*glossaries_.load(shop))->size(), 1U);
  EXPECT_EQ((*glossaries_.load(crm))->size(), 2U);
  Glossaries another(config_, artifacts_);
  EXPECT_EQ(**another.load(crm), **glossaries_.load(crm));
  EXPECT_EQ(another.load("nothing").error().code, "E0122");
}

}  // namespace
}  // namespace sluice
