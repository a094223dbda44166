SELECT substr(fixmedins_code, 2, 6) AS region,
       substr(CAST(setl_time AS VARCHAR(19)), 1, 7) AS month,
       count(*) AS settlements
FROM setl_d
GROUP BY substr(fixmedins_code, 2, 6), substr(CAST(setl_time AS VARCHAR(19)), 1, 7)
