extension Culture {
  static let chinese = Culture(
    "zh-CN", site: "Shanghai", city: "上海", country: "中国", zone: .shanghai, phone: "+86 21",
    surnameFirst: true, needsReading: true,
    women: "丽:li 芳:fang 娜:na 静:jing 敏:min 秀英:xiuying 婷婷:tingting 雪:xue",
    men: "伟:wei 强:qiang 磊:lei 军:jun 洋:yang 建国:jianguo 浩然:haoran 鹏:peng",
    surnames: """
      王:wang 张:zhang 刘:liu 陈:chen 赵:zhao 黄:huang 周:zhou 吴:wu 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo
      何:he 高:gao 罗:luo 郑:zheng 梁:liang 欧阳:ouyang
      """,
    greeting: "您好", closing: "此致敬礼", vacation: "年假", sick: "病假",
    sentences: """
      附件是周四会议的资料。
      请在周五之前核对第一季度的数据。
      客户把会面时间改到下周了。
      今天下午三点以后我不在办公室,明天上午回来。
      报价为人民币12万4千元,不含税。
      谢谢您的及时回复!
      周三上午电梯检修。
      草稿很好,只是标题需要再改一下。
      请大家记得在月底前填写考勤。
      货物预计在八点到十点之间送到。
      目前已有十一人报名参加培训。
      问题已经找到:附件太大了。
      建议我们电话里简单讨论一下。
      会议纪要已放在共享文件夹里。
      """,
    subjects: """
      周四会议资料
      关于报价的问题
      会议纪要
      会议室预订
      下周来访安排
      发票 2026-0966
      消防演习通知
      新办公家具
      """,
    meetings: """
      每周例会
      预算讨论
      设计评审
      客户拜访
      项目交接
      信息安全培训
      """,
    appointments: """
      看牙医
      家长会
      取车
      和小芳吃午饭
      办理证件,带好资料
      英语课
      """,
    todos: """
      差旅费报销
      准备报价单
      修改演示文稿
      买生日礼物
      审核、签署并寄回合同
      备份旧电脑
      提交休假申请
      整理笔记
      """,
    places: """
      黄浦会议室
      三楼大厅
      食堂
      214办公室
      """,
    streets: """
      南京东路12号
      淮海中路45号
      中山北路7号
      """,
    companies: """
      上海远航物流有限公司
      绿叶印刷厂
      东方家具
      欧阳贸易公司
      """,
    holidays: """
      1 1 元旦
      2 16 春节
      2 17 春节
      2 18 春节
      2 19 春节
      2 20 春节
      4 6 清明节
      5 1 劳动节
      6 19 端午节
      9 25 中秋节
      10 1 国庆节
      10 2 国庆节
      10 5 国庆节
      10 6 国庆节
      10 7 国庆节
      """)
}
