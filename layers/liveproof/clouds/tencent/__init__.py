"""The ports on Tencent Cloud: MySQL, COS, SCF, SSM."""
