SELECT
  e.name,
  boss.name AS boss
FROM employees AS e
LEFT JOIN employees AS boss ON boss.id = e.boss_id
