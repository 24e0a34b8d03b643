#include "config/dbt_project.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sluice {
namespace {

namespace fs = std::filesystem;

class DbtProject : public testing::Test {
 protected:
  ~DbtProject() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  Result<DbtDescriptions> read() const { return read_dbt_descriptions(folder_.string()); }

  fs::path folder_ = fs::temp_directory_path() / ("sluice-dbt-project-test-" + std::to_string(getpid()));
};

TEST_F(DbtProject, ReadsDescriptionsOfEveryKind) {
  write("dbt_project.yml", "name: jaffle\nversion: '1.0'\n");
  write("models/marts/_models.yml", R"(
version: 2
models:
  - name: fct_orders
    description: >
      One row for each order.
    config: {alias: orders}
    columns:
      - name: order_id
        description: Its number.
        data_tests: [unique]
      - name: status
        description: "{{ doc('status') }}"
  - name: undescribed
)");
  write("models/sources.yaml",
        "sources:\n- name: raw\n  tables:\n  - {name: p, identifier: payments, description: What came in.}\n"
        "- name: crm\n  schema: crm_v2\n  tables:\n  - {name: leads, columns: [{name: id, description: Ours.}]}\n");
  write("seeds/seeds.yml", "seeds:\n- {name: countries, description: ISO 3166.}\n");
  write("models/broken.yml", "models: [");
  write("target/models.yml", "models:\n- {name: compiled, description: no}\n");
  const auto got = read();
  ASSERT_TRUE(got) << got.error().message;
  const std::vector<DbtDescription> expected{{"", "orders", "One row for each order.", {{"order_id", "Its number."}}},
                                             {"raw", "payments", "What came in.", {}},
                                             {"crm_v2", "leads", "", {{"id", "Ours."}}},
                                             {"", "countries", "ISO 3166.", {}}};
  EXPECT_EQ(got->tables, expected);
  ASSERT_EQ(got->skipped.size(), 1U);
  EXPECT_NE(got->skipped[0].find("broken.yml"), std::string::npos);
}

TEST_F(DbtProject, LooksWhereTheProjectSaysAndNowhereElse) {
  write("dbt_project.yml", "model-paths: [transform, ../outside, /etc]\n");
  write("transform/m.yml", "models:\n- {name: a, description: A.}\n");
  write("models/m.yml", "models:\n- {name: b, description: B.}\n");
  ASSERT_EQ(read()->tables.size(), 1U);
  EXPECT_EQ(read()->tables[0].table, "a");
}

TEST_F(DbtProject, NoticesAChange) {
  write("dbt_project.yml", "name: jaffle\n");
  write("models/m.yml", "models: []\n");
  const std::string state = dbt_project_state(folder_.string());
  EXPECT_EQ(dbt_project_state(folder_.string()), state);
  write("models/m.yml", "models: [{name: a}]\n");
  EXPECT_NE(dbt_project_state(folder_.string()), state);
}

TEST_F(DbtProject, HasToBeThere) {
  EXPECT_EQ(read().error().code, "E0725");
  EXPECT_EQ(dbt_project_state(folder_.string()), "");
  write("dbt_project.yml", "name: [");
  EXPECT_EQ(read().error().code, "E0725");
}

}  // namespace
}  // namespace sluice
