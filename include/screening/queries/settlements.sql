SELECT *
FROM setl_d
WHERE substr(fixmedins_code, 2, 6) = :region
  AND setl_time >= :month_start
  AND setl_time < :month_end
