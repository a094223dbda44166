SELECT d.*
FROM fee_list_d d
JOIN setl_d s ON s.setl_id = d.setl_id
WHERE substr(s.fixmedins_code, 2, 6) = :region
  AND s.setl_time >= :month_start
  AND s.setl_time < :month_end
